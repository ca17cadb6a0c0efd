using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;
using IntentRouter.Turns;

namespace IntentRouter.Cli;

/// <summary><c>say</c> and <c>chat</c>: one turn, or a conversation, in the terminal, with the explanation. Nothing is sent anywhere.</summary>
internal static class SayCommand
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static Command CreateSay(Option<string?> config, Option<bool> json)
    {
        var text = new Argument<string>("text") { Description = "What the customer writes." };
        var bot = BotOption();
        var command = new Command("say", "Handle one message in the terminal and explain the answer. Nothing is sent; lookups read, actions do not run.") { text, bot, json };
        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            var talk = await Talk.OpenAsync(run, run.BotOf(parsed.GetValue(bot)), token);
            await using (talk)
            {
                var said = parsed.GetValue(text)!;
                var plans = await talk.SayAsync(said, token);
                await run.Output.WriteLineAsync(parsed.GetValue(json) ? Json(said, plans) : string.Join('\n', plans.SelectMany(p => Lines(p, explain: true))));
                return talk.NobodyAnswered ? ExitCode.OutsideSystem : ExitCode.Fine;
            }
        }));
        return command;
    }

    public static Command CreateChat(Option<string?> config)
    {
        var bot = BotOption();
        var quiet = new Option<bool>("--quiet") { Description = "Print the replies only, without explanations." };
        var command = new Command("chat", "Hold a conversation in the terminal and explain every answer. An empty line or Ctrl+D ends it; /new starts another. Nothing is sent; lookups read, actions do not run.") { bot, quiet };
        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            var talk = await Talk.OpenAsync(run, run.BotOf(parsed.GetValue(bot)), token);
            await using (talk)
            {
                while (!token.IsCancellationRequested)
                {
                    await run.Output.WriteAsync("you: ");
                    if (await System.Console.In.ReadLineAsync(token) is not { Length: > 0 } said)
                    {
                        break;
                    }

                    if (said == "/new")
                    {
                        talk.Reset();
                        await run.Output.WriteLineAsync("A new conversation.");
                        continue;
                    }

                    foreach (var line in (await talk.SayAsync(said, token)).SelectMany(p => Lines(p, !parsed.GetValue(quiet))))
                    {
                        await run.Output.WriteLineAsync(line);
                    }
                }

                return ExitCode.Fine;
            }
        }));
        return command;
    }

    private static Option<string?> BotOption() => new("--bot") { Description = "Name of the bot. May be left out when only one is configured." };

    private static string Json(string said, IReadOnlyList<TurnPlan> plans) => JsonSerializer.Serialize(
        new
        {
            text = said,
            replies = plans.SelectMany(p => p.Effects).OfType<SendMessage>().Select(m => new { m.Content, m.ContentType, m.ContentAttributes }),
            explanation = plans[0].Explanation,
            effects = plans.SelectMany(p => p.Effects),
            status = plans[^1].State.Facts.Status,
        },
        _json);

    private static IEnumerable<string> Lines(TurnPlan plan, bool explain)
    {
        foreach (var effect in plan.Effects)
        {
            yield return effect switch
            {
                SendMessage message => $"bot: {message.Content}{Items(message)}",
                SendPrivateNote note => $"(private note) {note.Content}",
                SetStatus status => $"(status: {status.Status})",
                SetPriority priority => $"(priority: {priority.Priority ?? "none"})",
                Assign assign => $"(assigned to {(assign.TeamId is { } team ? $"team {team.ToString(CultureInfo.InvariantCulture)}" : $"agent {assign.AgentId?.ToString(CultureInfo.InvariantCulture)}")})",
                SetAttributes attributes => $"(attributes: {string.Join(", ", attributes.Attributes.Select(a => a.Key))})",
                AddLabels labels => $"(labels: {string.Join(", ", labels.Labels)})",
                CallAction action => $"(action {action.Action} would run with {string.Join(", ", action.Arguments.Select(a => $"{a.Key}={a.Value}"))}; taken as done)",
                SendCode code => $"(code {code.Code} would go to {code.Address})",
                _ => $"({effect.GetType().Name})",
            };
        }

        if (explain && plan.Explanation is { } why)
        {
            foreach (var line in Explain(why))
            {
                yield return "     " + line;
            }
        }
    }

    private static IEnumerable<string> Explain(TurnExplanation why)
    {
        yield return $"decision    {why.Decision}{(why.Reason is { } reason ? $": {reason}" : "")}";
        if (why.Understanding.Count > 0)
        {
            yield return $"understood  {string.Join(" · ", why.Understanding.Take(3).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Intent} {c.Probability:0.00}")))}  by {why.Understanding[0].Adapter}{(why.Calibrated ? "" : " (uncalibrated)")}{(why.StandIn ? ", standing in" : "")}, {why.NluMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms";
        }

        foreach (var evidence in why.Evidence)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"            {evidence.Name,-18} {evidence.Value,7:0.00}{(evidence.Meaning is { } meaning ? $"  {meaning}" : "")}");
        }

        if (why.AdapterFailures.Count > 0)
        {
            yield return $"failed      {string.Join(", ", why.AdapterFailures)}";
        }

        if (why.Slots.Count > 0)
        {
            yield return $"slots       {string.Join(", ", why.Slots.Select(s => $"{s.Key}={s.Value}"))}";
        }

        foreach (var lookup in why.Lookups)
        {
            yield return $"lookup      {lookup.Name}: {lookup.Outcome}";
        }
    }

    private static string Items(SendMessage message)
    {
        var titles = message.ContentAttributes?["items"]?.AsArray().Select(i => i?["title"]?.ToString() ?? i?["label"]?.ToString()).OfType<string>().ToArray() ?? [];
        return titles.Length == 0 ? "" : $"  [{string.Join("] [", titles)}]";
    }

    /// <summary>One conversation of a customer that nobody knows.</summary>
    private sealed class Talk : IAsyncDisposable
    {
        private static readonly ConversationState _beginning = new()
        {
            Facts = new ConversationFacts { Status = "pending", InboxId = 1, Channel = "Channel::WebWidget", Contact = new ContactFacts { Id = 1 } },
        };

        private readonly Rehearsal _rehearsal;
        private readonly Bot _bot;
        private readonly ConversationKey _key;
        private ConversationState _state = _beginning;
        private int _turn;

        private Talk(Rehearsal rehearsal, Bot bot)
        {
            _rehearsal = rehearsal;
            _bot = bot;
            _key = new ConversationKey(bot.Name, bot.Options.Accounts?.FirstOrDefault() ?? 1, 1);
        }

        public bool NobodyAnswered { get; private set; }

        public static async Task<Talk> OpenAsync(ToolRun run, Bot bot, CancellationToken cancellationToken)
        {
            var fits = await EvaluateCommand.FitsAsync(run, cancellationToken);
            var rehearsal = await ToolRun.ShowAsync("Starting", _ => Rehearsal.OpenAsync(run.Loaded, run.Sources, run.Parts, [bot], fits, lookups: null, cancellationToken));
            foreach (var trouble in rehearsal.Troubles)
            {
                await run.Error.WriteLineAsync(trouble);
            }

            return new Talk(rehearsal, bot);
        }

        public void Reset() => _state = _beginning;

        public async Task<IReadOnlyList<TurnPlan>> SayAsync(string text, CancellationToken cancellationToken)
        {
            var message = ++_turn;
            var name = string.Create(CultureInfo.InvariantCulture, $"turn-{message}");
            var input = new CustomerInput { Kind = CustomerInputKind.Message, Text = text, MessageId = message, MessageIds = [message] };
            var now = TimeProvider.System.GetUtcNow();
            var plans = new List<TurnPlan> { await _rehearsal.SayAsync(_key, _bot, _state, input, name, now, cancellationToken) };
            NobodyAnswered |= plans[0].Explanation is { Decision: "handoff-nlu-down" };
            Take(plans[0]);
            if (plans[0].Effects.OfType<CallAction>().FirstOrDefault() is { } action)
            {
                plans.Add(_rehearsal.Conclude(_key, _bot, _state, action, name + "-done", now));
                Take(plans[1]);
            }

            return plans;
        }

        public ValueTask DisposeAsync() => _rehearsal.DisposeAsync();

        // What the chat would send back: the conversation's new status. A conversation that is open is with people, and the bot is silent.
        private void Take(TurnPlan plan) => _state = plan.Effects.OfType<SetStatus>().LastOrDefault() is { } status
            ? plan.State with { Facts = plan.State.Facts with { Status = status.Status } }
            : plan.State;
    }
}
