using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Nlu;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Decisions;

/// <summary>A small bot in code, and inputs for it. Rankings are written <c>order_status:0.90 refund:0.20</c>; <c>?</c> is a confidence that the engine did not report.</summary>
internal static class DeskOfOne
{
    public static DateTimeOffset Now { get; } = new(2026, 10, 8, 10, 0, 0, TimeSpan.FromHours(2));

    public static Bot Bot(Action<BotOptions>? with = null, IReadOnlyDictionary<string, string>? texts = null, Action<Dictionary<string, RouteOptions>>? routes = null)
    {
        var options = new BotOptions
        {
            Language = "en",
            TimeZone = "Europe/Berlin",
            Confidence = new ConfidenceOptions { Answer = 0.70, Clarify = 0.40, Margin = 0.10, Attempts = 2 },
            Intents = new Dictionary<string, IntentOptions>
            {
                ["order_status"] = new() { Route = "order-status" },
                ["refund"] = new() { Reply = "refund" },
                ["hours"] = new() { Reply = "hours" },
                ["opening_times"] = new() { Reply = "hours" },
                ["careful"] = new() { Reply = "hours", Answer = 0.95 },
                ["book_table"] = new() { Route = "book-table" },
                ["human"] = new() { Handoff = new HandoffTargetOptions() },
                ["complaint"] = new() { Handoff = new HandoffTargetOptions { Reason = "sensitive" } },
            },
        };
        with?.Invoke(options);
        var all = new Dictionary<string, RouteOptions>
        {
            ["order-status"] = new()
            {
                Slots = new()
                {
                    ["order_number"] = new SlotOptions { Type = "pattern", Pattern = @"#?(?<value>\d{4,10})" },
                    ["email"] = new SlotOptions { Type = "email", From = "contact.email" },
                },
                Proof = "known-fact",
                Lookup = "orders",
                Reply = new ReplyOptions { Text = "order.found" },
            },
            ["book-table"] = new()
            {
                Slots = new()
                {
                    ["date"] = new SlotOptions { Type = "date", Future = true },
                    ["time"] = new SlotOptions { Type = "time", Min = 12, Max = 22 },
                    ["guests"] = new SlotOptions { Type = "number", Min = 1, Max = 12 },
                },
                Action = "create-booking",
                Reply = new ReplyOptions { Done = new OutcomeOptions { Say = ["booking.done"] } },
            },
        };
        routes?.Invoke(all);
        var own = new Dictionary<string, string> { ["refund"] = "Refunds take a week.", ["hours"] = "Nine to five.", ["order.found"] = "{{ result.number }} is {{ result.status }}.", ["booking.done"] = "Booked." };
        foreach (var (key, text) in texts ?? new Dictionary<string, string>())
        {
            own[key] = text;
        }

        return new Bot { Name = "shop", Options = options, Routes = all, Texts = TextCatalog.From("en", new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = own }) };
    }

    public static Heard Heard(string ranking)
    {
        if (ranking == "nobody")
        {
            return Nlu.Heard.Nothing;
        }

        var noMatch = ranking.StartsWith("none", StringComparison.Ordinal);
        var ranked = (noMatch ? ranking[4..] : ranking).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split(':'))
            .Select(r => new RankedIntent(r[0], r[1] == "?" ? null : Number(r[1]), r[1] == "?" ? null : Number(r[1]))).ToList();
        return new Heard { Adapter = "script", Understanding = new Understanding { Kind = noMatch ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked }, Ranking = ranked };

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    public static DecisionInput Input(Bot bot, string text, string? heard = null, Session? session = null, ConversationFacts? facts = null) => new()
    {
        Bot = bot,
        State = new ConversationState { Session = session ?? new Session { Id = "s" }, Facts = facts ?? new ConversationFacts { Status = "pending", Channel = "Channel::WebWidget" } },
        Input = new CustomerInput { Kind = CustomerInputKind.Message, Text = text, MessageId = 7 },
        Heard = heard is null ? null : Heard(heard),
        Now = Now,
        Language = "en",
    };
}
