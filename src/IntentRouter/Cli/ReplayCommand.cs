using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Cli;

/// <summary><c>replay</c>: decides stored turns again under another configuration or model and lists what would differ.</summary>
internal static class ReplayCommand
{
    private const int Page = 500;
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var since = new Option<string>("--since") { Description = "Begin of the period: a date or time (2026-07-01, 2026-07-01T08:00Z), or an age (7d, 12h).", Required = true };
        var until = new Option<string?>("--until") { Description = "End of the period, written likewise. Default: now." };
        var bot = new Option<string?>("--bot") { Description = "Only turns of this bot. Default: all bots." };
        var from = new Option<string?>("--from") { Description = "Configuration of the installation whose turns are replayed. Default: the one that --config names." };
        var command = new Command("replay", "Decide stored turns again under the configuration that --config names, and list what would differ. Exit code 1 when anything would. Nothing is sent, looked up or run.")
        {
            since, until, bot, from, json,
        };
        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var begin = When(parsed.GetValue(since)!, now, "--since");
            var end = parsed.GetValue(until) is { } text ? When(text, now, "--until") : now;
            var store = run;
            if (parsed.GetValue(from) is { } path)
            {
                var sources = ConfigurationSources.OfProcess(path) with { WithoutSecrets = true };
                var loaded = RouterConfigurationLoader.Load(sources, run.Parts);
                store = loaded.Configuration is null
                    ? throw new UsageException(CheckCommand.Text(loaded, sources))
                    : run with { Loaded = loaded, Sources = sources };
            }

            if (parsed.GetValue(bot) is { } name)
            {
                run.BotOf(name);
            }

            if (!Operations.MayHaveStore(store.Configuration))
            {
                throw new UsageException("There are no stored turns: the store of the configuration does not exist. Name the installation's configuration with --from.");
            }

            IReadOnlyList<StoredTurn> turns;
            IReadOnlyDictionary<string, CalibrationFit> fits;
            await using (var operations = await Operations.OpenAsync(store.Configuration, token))
            {
                turns = await ReadAsync(operations, parsed.GetValue(bot), begin, end, token);
                fits = StoredCalibration.ReadAll(await operations.CalibrationsAsync(token));
            }

            var replayed = await ToolRun.ShowAsync("Replaying", progress => ReplayAsync(run, turns, fits, progress, token));
            var different = replayed.Where(r => r.Differs).ToArray();
            await run.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { turns = replayed.Count, differ = different.Length, skipped = turns.Count - replayed.Count, differences = different }, _json)
                : Text(turns.Count, replayed, different));
            return different.Length == 0 ? ExitCode.Fine : ExitCode.Findings;
        }));
        return command;
    }

    private static DateTimeOffset When(string text, DateTimeOffset now, string option) =>
        Duration.TryParse(text, out var age) ? now - age
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new UsageException($"{option} '{text}' is neither a date (2026-07-01) nor an age (7d, 12h).");

    private static async Task<IReadOnlyList<StoredTurn>> ReadAsync(
        IOperations operations, string? bot, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var turns = new List<StoredTurn>();
        while (true)
        {
            var page = await operations.TurnsAsync(bot, since, until, turns.Count == 0 ? 0 : turns[^1].Position, Page, cancellationToken);
            turns.AddRange(page);
            if (page.Count < Page)
            {
                return turns;
            }
        }
    }

    private static async Task<IReadOnlyList<Replayed>> ReplayAsync(
        ToolRun run, IReadOnlyList<StoredTurn> turns, IReadOnlyDictionary<string, CalibrationFit> fits, IProgress<(string Step, double Done)> progress, CancellationToken cancellationToken)
    {
        var lookups = new RecordedLookups();
        await using var rehearsal = await Rehearsal.OpenAsync(run.Loaded, run.Sources, run.Parts, run.Configuration.Bots.Values, fits, lookups, cancellationToken);
        if (rehearsal.Troubles.FirstOrDefault() is { } trouble)
        {
            throw new AdapterException(AdapterFailure.Unreachable, trouble);
        }

        var replayed = new List<Replayed>();
        var done = 0;
        foreach (var conversation in turns.GroupBy(t => t.Conversation))
        {
            var state = new ConversationState();
            var key = ConversationKey.Parse(conversation.Key);
            foreach (var turn in conversation)
            {
                progress.Report(($"{++done} of {turns.Count}", done / (double)turns.Count));
                if (!run.Configuration.Bots.TryGetValue(key.Bot, out var bot) || !MayBeDecided(turn.Explanation))
                {
                    continue;
                }

                // The turn took place, so the conversation was the bot's, or was given back to it; what a human did in between is not in the turns.
                state = state with { Facts = state.Facts with { Status = "pending", CanReply = true, Returned = state.Session.Handoff is not null } };
                lookups.Recall(turn.Explanation.Lookups);
                var input = new CustomerInput
                {
                    Kind = CustomerInputKind.Message,
                    Text = turn.Explanation.Text!,
                    MessageId = turn.Explanation.MessageId,
                    MessageIds = [turn.Explanation.MessageId],
                };
                var plan = await rehearsal.SayAsync(key, bot, state, input, turn.Explanation.Turn, turn.Explanation.At, cancellationToken);
                state = plan.State;
                if (plan.Explanation is { } now)
                {
                    replayed.Add(Replayed.Of(turn, now));
                }
            }
        }

        return replayed;
    }

    // Words only: what was pressed, and what humans or the gate decided, hangs on nothing that a configuration changes.
    private static bool MayBeDecided(TurnExplanation turn) =>
        !string.IsNullOrWhiteSpace(turn.Text) && !turn.Decision.StartsWith("silent-", StringComparison.Ordinal) && turn.Decision != "assist";

    private static string Text(int stored, IReadOnlyList<Replayed> replayed, IReadOnlyList<Replayed> different)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{stored} stored turns, {replayed.Count} decided again, {different.Count} would differ.\n");
        foreach (var group in different.GroupBy(d => $"{d.Before} → {d.After}").OrderByDescending(g => g.Count()))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group.Count(),4} × {group.Key}\n");
            foreach (var one in group)
            {
                text.Append(CultureInfo.InvariantCulture, $"       {one.At:yyyy-MM-dd HH:mm}  {one.Conversation}  {one.IntentBefore ?? "-"} {one.ProbabilityBefore:0.00} → {one.IntentAfter ?? "-"} {one.ProbabilityAfter:0.00}  {one.Text.ReplaceLineEndings(" ")}\n");
            }
        }

        return text.ToString().TrimEnd();
    }

    private sealed record Replayed(
        long Position,
        string Conversation,
        DateTimeOffset At,
        string Text,
        string Before,
        string After,
        string? IntentBefore,
        string? IntentAfter,
        double? ProbabilityBefore,
        double? ProbabilityAfter,
        string? RouteBefore,
        string? RouteAfter)
    {
        public bool Differs => Before != After || RouteBefore != RouteAfter || (Before is "say" or "clarify" or "route" && IntentBefore != IntentAfter);

        public static Replayed Of(StoredTurn stored, TurnExplanation now) => new(
            stored.Position,
            stored.Conversation,
            stored.Explanation.At,
            stored.Explanation.Text ?? "",
            stored.Explanation.Decision,
            now.Decision,
            stored.Explanation.Intent,
            now.Intent,
            stored.Explanation.Understanding is [var before, ..] ? before.Probability : null,
            now.Understanding is [var after, ..] ? after.Probability : null,
            stored.Explanation.Route,
            now.Route);
    }
}
