using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;

namespace IntentRouter.Handoffs;

/// <summary>
/// The private note of a handoff: what an agent wants to know before the first word. Its own words are texts (<c>note.*</c>) in the bot's default
/// language, which is the desk's; everything from outside is neutralised. Pure.
/// </summary>
internal static class HandoffNote
{
    private const int MostRanked = 3;
    private const int MostFields = 12;
    private const int LongestValue = 300;

    /// <returns>The note, the hashes of its lines, and the reply that it suggests. A line that was told before is left out.</returns>
    public static (string Note, IReadOnlyList<string> Told, string? Suggested) Write(DecisionInput input, HandoffReason reason, string? intent, HandoffPlanner.Details details)
    {
        var route = details.Route ?? input.State.Session.Active;
        List<string> lines =
        [
            .. Wants(input, intent ?? route?.Intent),
            .. Understood(input),
            .. Route(input, route),
            $"{Label(input, "note.proof", "Identity")}: {Proof(input, route)}",
            .. Lookups(input, route, details.Lookup),
            .. details.Facts ?? [],
            .. Attachments(input),
            .. Course(input),
        ];
        var suggested = SuggestedReply.Write(input, Likely(input, intent), route, details.Lookup);
        if (suggested is not null)
        {
            lines.Add(SuggestedReply.Line(input, suggested));
        }

        var before = input.State.Session.TellOnce;
        var told = lines.ConvertAll(Hash);
        var fresh = lines.Where((_, i) => !before.Contains(told[i])).ToList();
        var again = fresh.Count < lines.Count;

        var note = new StringBuilder();
        note.Append("**").Append(Label(input, again ? "note.handoff-again" : "note.handoff", again ? "Handed over again by the bot" : "Handed over by the bot"))
            .Append(": ").Append(Label(input, $"note.reason.{Kebab.Of(reason)}", Kebab.Of(reason))).Append("**");
        if (fresh.Count == 0)
        {
            note.Append('\n').Append(Label(input, "note.nothing-new", "Nothing new since the last handover."));
        }

        foreach (var line in fresh)
        {
            note.Append("\n- ").Append(line);
        }

        if (input.ExplanationUrl is { } url)
        {
            note.Append("\n\n[").Append(Label(input, "note.why", "Why the bot decided this")).Append("](").Append(url).Append(')');
        }

        return (note.ToString(), [.. told.Except(before)], suggested is not null && !before.Contains(told[^1]) ? suggested : null);
    }

    private static IEnumerable<string> Wants(DecisionInput input, string? intent) =>
        intent is null ? [] : [$"{Label(input, "note.wants", "Wants")}: {Title(input, intent)}"];

    private static IEnumerable<string> Understood(DecisionInput input)
    {
        if (input.Heard is not { } heard)
        {
            return [];
        }

        if (heard.NobodyAnswered)
        {
            var failures = string.Join(", ", heard.Failures.Select(f => $"{Safe(f.Adapter)} {Kebab.Of(f.Failure)}"));
            return [$"{Label(input, "note.nobody-understood", "No engine answered")}{(failures.Length == 0 ? "" : $": {failures}")}"];
        }

        if (heard.Ranking.Count == 0)
        {
            return [$"{Label(input, "note.understood", "Understood")}: {Label(input, "note.no-match", "nothing that matches")}"];
        }

        var ranked = heard.Ranking.Take(MostRanked).Select(r => r.Probability is { } p ? $"{Safe(r.Intent)} {p.ToString("0.00", CultureInfo.InvariantCulture)}" : Safe(r.Intent));
        var by = heard.Adapter is { } adapter ? $" ({Safe(adapter)}{(heard.Calibrated ? "" : $", {Label(input, "note.uncalibrated", "uncalibrated")}")})" : "";
        return [$"{Label(input, "note.understood", "Understood")}: {string.Join(", ", ranked)}{by}"];
    }

    private static IEnumerable<string> Route(DecisionInput input, ActiveRoute? route)
    {
        if (route is null)
        {
            yield break;
        }

        yield return $"{Label(input, "note.working-on", "Working on")}: {Safe(route.Route)}";
        foreach (var (slot, value) in route.Slots.Take(MostFields))
        {
            yield return $"{Safe(Readable(slot))}: {Safe(value.Value)}";
        }

        var missing = input.Bot.Routes.GetValueOrDefault(route.Route)?.Slots.Where(s => !s.Value.Optional && !route.Slots.ContainsKey(s.Key)).Select(s => Safe(Readable(s.Key))).ToList() ?? [];
        if (missing.Count > 0)
        {
            yield return $"{Label(input, "note.missing", "Still missing")}: {string.Join(", ", missing)}";
        }
    }

    private static string Proof(DecisionInput input, ActiveRoute? route)
    {
        var proof = input.State.Session.Proof;
        var level = route is not null && route.Proven > proof.Level ? route.Proven : proof.Level;
        if (level == ProofLevel.None && input.State.Facts.Contact.Verified)
        {
            level = ProofLevel.Contact;
        }

        var words = Label(input, $"note.proof.{Kebab.Of(level)}", Kebab.Of(level));
        return proof.Failures == 0 ? words : $"{words}; {Label(input, "note.proof-failures", "failed attempts")}: {proof.Failures.ToString(CultureInfo.InvariantCulture)}";
    }

    private static IEnumerable<string> Lookups(DecisionInput input, ActiveRoute? route, LookupOutcome? outcome)
    {
        var earlier = input.State.Session.Digest.Select(d => d.Lookup).OfType<string>().Select(Safe).ToList();
        if (outcome is not null && route is not null)
        {
            earlier.Add(LookupWords.Of(input.Bot.Routes.GetValueOrDefault(route.Route)?.Lookup ?? route.Route, outcome));
        }

        if (earlier.Count > 0)
        {
            yield return $"{Label(input, "note.lookups", "Looked up")}: {string.Join(", ", earlier.Distinct())}";
        }

        if (outcome is LookupOutcome.Found { Rows: [var row, ..] })
        {
            foreach (var (field, value) in row.Take(MostFields))
            {
                yield return $"{Safe(Readable(field))}: {Safe(value?.ToString() ?? "")}";
            }
        }
    }

    private static IEnumerable<string> Attachments(DecisionInput input) => input.Input.Attachments.Count == 0
        ? []
        : [$"{Label(input, "note.attachments", "Attachments")}: {string.Join(", ", input.Input.Attachments.Select(Safe))}"];

    /// <summary>What came before this turn, as rules that fired: clarify, fallback-no-candidate, …</summary>
    private static IEnumerable<string> Course(DecisionInput input)
    {
        var course = input.State.Session.Digest.TakeLast(5).Select(d => d.Intent is null ? d.Decision : $"{d.Decision} ({Safe(d.Intent)})").ToList();
        return course.Count == 0 ? [] : [$"{Label(input, "note.before", "Before")}: {string.Join(" → ", course)}"];
    }

    private static string? Likely(DecisionInput input, string? intent) =>
        intent ?? (input.Heard?.Ranking is [{ Probability: { } p } best, ..] && p >= input.Bot.Options.Confidence.Clarify ? best.Intent : null);

    private static string Title(DecisionInput input, string intent)
    {
        var key = input.Bot.Options.Intents.GetValueOrDefault(intent)?.Title ?? $"intent.{intent}";
        return Text(input, key) ?? (key.StartsWith("intent.", StringComparison.Ordinal) ? Safe(Readable(intent)) : Safe(key));
    }

    public static string Label(DecisionInput input, string key, string otherwise) => Text(input, key) ?? otherwise;

    private static string? Text(DecisionInput input, string key)
    {
        try
        {
            return input.Bot.Texts.Find(key, input.Bot.Options.Language)?.Text.Render(TextVariables.Scope(input), TextForm.Markdown).Trim();
        }
        catch (TextRenderException)
        {
            return null;
        }
    }

    private static string Safe(string value) => CustomerText.Neutralise(value.Length > LongestValue ? string.Concat(value.AsSpan(0, LongestValue), "…") : value);

    private static string Readable(string name) => name.Replace('_', ' ').Replace('-', ' ').Trim();

    private static string Hash(string line) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..24];
}

/// <summary>The outcome of a lookup in a few words for people.</summary>
internal static class LookupWords
{
    public static string Of(string lookup, LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Found found => string.Create(CultureInfo.InvariantCulture, $"{lookup} → found {found.Rows.Count}"),
        LookupOutcome.NotFound => $"{lookup} → found nothing",
        LookupOutcome.Failed failed => $"{lookup} → failed ({Kebab.Of(failed.Reason)})",
        _ => lookup,
    };
}
