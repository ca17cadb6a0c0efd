using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;
using IntentRouter.Review;
using IntentRouter.Turns;

namespace IntentRouter.Handoffs;

/// <summary>
/// What a handoff does, in the order that works with a 4.2.0 bot token: note, attributes, priority, team, words, agent, and the status last, since opening
/// starts the platform's own assignment. Pure.
/// </summary>
internal static class HandoffPlanner
{
    /// <param name="Route">The route in progress, or null.</param>
    /// <param name="Target">Where the failing step names its own target, or null.</param>
    /// <param name="Lookup">What the lookup of this turn came back with, or null.</param>
    /// <param name="Facts">Further lines for the agents, without markup of others.</param>
    public sealed record Details(ActiveRoute? Route = null, HandoffTargetOptions? Target = null, LookupOutcome? Lookup = null, IReadOnlyList<string>? Facts = null);

    /// <param name="Effects">What to do outside, in this order.</param>
    /// <param name="Told">Hashes of what the note told, for <see cref="Session.TellOnce"/>: a later handoff adds only what is new.</param>
    /// <param name="Suggested">The reply that the note suggests, or null.</param>
    public sealed record Handoff(IReadOnlyList<Effect> Effects, IReadOnlyList<string> Told, Suggestion? Suggested);

    public static Handoff Plan(DecisionInput input, HandoffReason reason, string? intent, Details details)
    {
        var name = Kebab.Of(reason);
        var facts = input.State.Facts;
        var byIntent = intent is not null ? input.Bot.Options.Intents.GetValueOrDefault(intent)?.Handoff : null;
        var byReason = input.Bot.Options.Handoff.Reasons.GetValueOrDefault(name);
        var all = input.Bot.Options.Handoff;
        HandoffTargetOptions?[] targets = [details.Target, byIntent, byReason];

        var (note, told, suggested) = HandoffNote.Write(input, reason, intent, details);
        var effects = new List<Effect> { new SendPrivateNote(note) };
        if (Attributes(input, name, intent, details.Route) is { Count: > 0 } attributes)
        {
            effects.Add(new SetAttributes(attributes));
        }

        if ((First(targets, t => t.Priority) ?? all.Priority) is { } priority && priority != facts.Priority)
        {
            effects.Add(new SetPriority(priority));
        }

        if ((FirstId(targets, t => t.Team) ?? all.Team) is { } team && team != facts.TeamId)
        {
            effects.Add(new Assign(null, team));
        }

        if (facts is { CanReply: true, HumanSteppedIn: false } && Words(input, name, First(targets, t => t.Say)) is { } words)
        {
            effects.Add(words);
        }

        // From 4.17 on an assigned agent opens the conversation at once: the customer is told before.
        if ((FirstId(targets, t => t.Agent) ?? all.Agent) is { } agent && !(facts.AssigneeType == "User" && facts.AssigneeId == agent))
        {
            effects.Add(new Assign(agent, null));
        }

        effects.Add(new SetStatus("open"));
        return new Handoff(effects, told, suggested is null ? null : Suggestion.Of(suggested));
    }

    /// <summary>The intent that the agents are told.</summary>
    public static string? IntentOf(DecisionInput input, string? intent, ActiveRoute? route) =>
        intent ?? route?.Intent ?? (input.Heard?.Ranking is [var best, ..] ? best.Intent : null);

    private static string? First(HandoffTargetOptions?[] targets, Func<HandoffTargetOptions, string?> what) =>
        targets.OfType<HandoffTargetOptions>().Select(what).FirstOrDefault(v => v is not null);

    private static long? FirstId(HandoffTargetOptions?[] targets, Func<HandoffTargetOptions, long?> what) =>
        targets.OfType<HandoffTargetOptions>().Select(what).FirstOrDefault(v => v is not null);

    private static SendMessage? Words(DecisionInput input, string reason, string? say)
    {
        var texts = input.Bot.Texts;
        var all = input.Bot.Options.Handoff;
        var closed = input.Bot.Hours?.IsOpen(input.Now) == false;
        // "A colleague will answer you here" would be a lie at night: out of hours the promise comes first, whatever the reason.
        string[] keys = closed
            ? [all.OutOfHours, "handoff.closed"]
            : [.. say is null ? [] : new[] { say }, .. texts.HasOwn($"handoff.{reason}", input.Language) ? new[] { $"handoff.{reason}" } : [],
                .. texts.HasOwn(all.Say, input.Language) ? new[] { all.Say } : [], $"handoff.{reason}", all.Say, "handoff.default"];
        foreach (var key in keys)
        {
            try
            {
                return ReplyRenderer.Render(texts, key, input.Language, input.State.Facts.Channel, TextVariables.Scope(input, input.State.Session.Active, null, ("reason", reason))).Message;
            }
            catch (TextRenderException)
            {
                // The next key is plainer; the last is built in and has no variables.
            }
        }

        return null;
    }

    /// <summary>The note's facts for filters, automations and the side bar; only what the conversation does not show already.</summary>
    private static JsonObject Attributes(DecisionInput input, string reason, string? intent, ActiveRoute? route)
    {
        var best = input.Heard?.Ranking is [var first, ..] ? first : null;
        var attributes = new Dictionary<string, JsonNode?>
        {
            ["bot_handoff_reason"] = reason,
            ["bot_language"] = input.Language,
            [ReviewPolicy.IntentAttribute] = IntentOf(input, intent, route),
            ["bot_confidence"] = best?.Probability is { } p ? Math.Round(p, 2) : null,
            ["bot_route"] = route?.Route,
            ["bot_proof"] = Kebab.Of(route is null || route.Proven < input.State.Session.Proof.Level ? input.State.Session.Proof.Level : route.Proven),
        };
        foreach (var (slot, value) in route?.Slots ?? new Dictionary<string, SlotValue>())
        {
            attributes[$"bot_{slot}"] = value.Value;
        }

        var known = input.State.Facts.CustomAttributes;
        return new JsonObject(attributes.Where(a => a.Value is not null && !(known.TryGetValue(a.Key, out var had) && JsonNode.DeepEquals(JsonNode.Parse(had.GetRawText()), a.Value))));
    }
}
