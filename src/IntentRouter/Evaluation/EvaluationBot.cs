using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Nlu;

namespace IntentRouter.Evaluation;

/// <summary>
/// The bot of an evaluation: its own thresholds and intents, and a plain reply for every intent that only the data knows, so that the live decision can be
/// asked about all of them.
/// </summary>
internal static class EvaluationBot
{
    public static Bot For(Bot bot, IEnumerable<string> intents)
    {
        var options = Copy(bot.Options);
        foreach (var intent in intents.Where(i => i != JudgedUtterance.OutOfScope && !IntentChoice.Routable(bot, i)))
        {
            options.Intents[intent] = new IntentOptions { Reply = $"evaluation.{intent}" };
        }

        return bot with { Options = options };
    }

    public static Bot With(Bot bot, ConfidenceOptions confidence, IReadOnlyDictionary<string, double> answers)
    {
        var options = Copy(bot.Options);
        options.Confidence = confidence;
        foreach (var (intent, answer) in answers)
        {
            options.Intents[intent] = Copy(options.Intents[intent]);
            options.Intents[intent].Answer = answer;
        }

        return bot with { Options = options };
    }

    /// <summary>The live decision about one judged utterance as the first message of a conversation.</summary>
    public static IntentChoice Weigh(Bot bot, JudgedUtterance judged) => IntentChoice.Weigh(InputOf(bot, judged));

    public static DecisionInput InputOf(Bot bot, JudgedUtterance judged) => new()
    {
        Bot = bot,
        State = Beginning,
        Input = new CustomerInput { Kind = CustomerInputKind.Message, Text = judged.Text, MessageId = 1, MessageIds = [1] },
        Heard = judged.Failure is not null ? Heard.Nothing : new Heard { Adapter = "evaluation", Understanding = Understood(judged), Ranking = judged.Ranking },
        Now = DateTimeOffset.UnixEpoch,
        Language = bot.Options.Language,
    };

    private static ConversationState Beginning { get; } = new() { Facts = new ConversationFacts { Status = "pending" } };

    private static Understanding Understood(JudgedUtterance judged) => judged.Ranking.Count == 0 ? Understanding.NoMatch : new Understanding();

    // Options are plain objects that a validated configuration shares: what an evaluation changes is its own.
    private static T Copy<T>(T options)
        where T : class, new()
    {
        var copy = new T();
        foreach (var property in typeof(T).GetProperties().Where(p => p is { CanRead: true, CanWrite: true }))
        {
            property.SetValue(copy, property.PropertyType == typeof(Dictionary<string, IntentOptions>)
                ? new Dictionary<string, IntentOptions>((Dictionary<string, IntentOptions>)property.GetValue(options)!, StringComparer.Ordinal)
                : property.GetValue(options));
        }

        return copy;
    }
}
