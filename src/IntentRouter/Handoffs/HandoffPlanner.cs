using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;
using IntentRouter.Turns;

namespace IntentRouter.Handoffs;

/// <summary>What a handoff does, in the order that works with a 4.2.0 token: note, attributes, priority, team, words, and the status last. Pure.</summary>
internal static class HandoffPlanner
{
    /// <param name="Route">The route in progress, or null.</param>
    /// <param name="Target">Where the failing step names its own target, or null.</param>
    /// <param name="Lookup">What the lookup of this turn came back with, or null.</param>
    /// <param name="Facts">Further lines for the agents, without markup of others.</param>
    public sealed record Details(ActiveRoute? Route = null, HandoffTargetOptions? Target = null, LookupOutcome? Lookup = null, IReadOnlyList<string>? Facts = null);

    public static IReadOnlyList<Effect> Plan(DecisionInput input, HandoffReason reason, string? intent, Details details)
    {
        var name = Kebab.Of(reason);
        var byIntent = intent is not null ? input.Bot.Options.Intents.GetValueOrDefault(intent)?.Handoff : null;
        var byReason = input.Bot.Options.Handoff.Reasons.GetValueOrDefault(name);
        var all = input.Bot.Options.Handoff;
        HandoffTargetOptions?[] targets = [details.Target, byIntent, byReason];

        var effects = new List<Effect>
        {
            new SendPrivateNote(Note(input, name, intent, details)),
            new SetAttributes(Attributes(name, intent, input)),
        };
        if (targets.Select(t => t?.Priority).FirstOrDefault(p => p is not null) is { } priority || (priority = all.Priority) is not null)
        {
            effects.Add(new SetPriority(priority));
        }

        var team = targets.Select(t => t?.Team).FirstOrDefault(t => t is not null) ?? all.Team;
        var agent = targets.Select(t => t?.Agent).FirstOrDefault(t => t is not null) ?? all.Agent;
        if (team is not null || agent is not null)
        {
            effects.Add(new Assign(agent, team));
        }

        if (input.State.Facts.CanReply && Words(input, name, targets.Select(t => t?.Say).FirstOrDefault(s => s is not null)) is { } words)
        {
            effects.Add(words);
        }

        effects.Add(new SetStatus("open"));
        return effects;
    }

    private static SendMessage? Words(DecisionInput input, string reason, string? say)
    {
        var texts = input.Bot.Texts;
        var all = input.Bot.Options.Handoff;
        var closed = input.Bot.Hours?.IsOpen(input.Now) == false;
        string[] keys = closed
            ? [all.OutOfHours, "handoff.closed"]
            : [.. say is null ? [] : new[] { say }, .. texts.FindOwn($"handoff.{reason}", input.Language) is null ? [] : new[] { $"handoff.{reason}" },
                .. texts.FindOwn(all.Say, input.Language) is null ? [] : new[] { all.Say }, $"handoff.{reason}", all.Say, "handoff.default"];
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

    private static JsonObject Attributes(string reason, string? intent, DecisionInput input)
    {
        var attributes = new JsonObject { ["bot_handoff_reason"] = reason, ["bot_language"] = input.Language };
        if ((intent ?? (input.Heard?.Ranking is [var first, ..] ? first.Intent : null)) is { } best)
        {
            attributes["bot_intent"] = best;
        }

        return attributes;
    }

    private static string Note(DecisionInput input, string reason, string? intent, Details details)
    {
        var note = new StringBuilder();
        note.Append(CultureInfo.InvariantCulture, $"**Handed over by the bot: {reason}**");
        if (input.Heard?.Ranking is { Count: > 0 } ranking)
        {
            var ranked = ranking.Take(3).Select(r => $"{CustomerText.Neutralise(r.Intent)}{(r.Probability is { } p ? $" {p.ToString("0.00", CultureInfo.InvariantCulture)}" : "")}");
            note.Append("\n- Understood: ").AppendJoin(", ", ranked);
        }
        else if (intent is not null)
        {
            note.Append("\n- Intent: ").Append(CustomerText.Neutralise(intent));
        }

        if ((details.Route ?? input.State.Session.Active) is { } route)
        {
            note.Append("\n- Working on: ").Append(CustomerText.Neutralise(route.Route));
            foreach (var (slot, value) in route.Slots)
            {
                note.Append(CultureInfo.InvariantCulture, $"\n- {CustomerText.Neutralise(slot)}: {CustomerText.Neutralise(value.Value)}");
            }
        }

        note.Append(CultureInfo.InvariantCulture, $"\n- Proof: {Kebab.Of(input.State.Session.Proof.Level)}");
        if (details.Lookup is { } lookup)
        {
            note.Append("\n- Lookup: ").Append(lookup switch
            {
                LookupOutcome.Found found => $"found {found.Rows.Count.ToString(CultureInfo.InvariantCulture)}",
                LookupOutcome.NotFound => "found nothing",
                LookupOutcome.Failed failed => $"failed ({Kebab.Of(failed.Reason)})",
                _ => "none",
            });
        }

        foreach (var fact in details.Facts ?? [])
        {
            note.Append("\n- ").Append(fact);
        }

        if (input.Input.Attachments.Count > 0)
        {
            note.Append("\n- Attachments: ").AppendJoin(", ", input.Input.Attachments.Select(a => CustomerText.Neutralise(a)));
        }

        return note.ToString();
    }
}
