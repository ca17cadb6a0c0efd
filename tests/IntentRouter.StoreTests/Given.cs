using System.Text;
using IntentRouter.Conversations;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.StoreTests;

/// <summary>Small events and turns.</summary>
internal static class Given
{
    public const string Conversation = "shop/3/17";

    public static NewEvent Event(string key, string conversation = Conversation) =>
        new() { Key = key, Conversation = conversation, Kind = "message_created", Payload = Encoding.UTF8.GetBytes($$"""{"key":"{{key}}"}""") };

    public static NewEvent HumanSpoke(string key, double stateAt = 0) =>
        Event(key) with { Signal = EventSignal.HumanSteppedIn, StateAt = stateAt };

    /// <summary>The echo of one of our own messages.</summary>
    public static NewEvent Echo(string key, string effectKey, long remoteId = 900) =>
        Event(key) with { NoWork = true, Receipt = new EffectReceipt(effectKey, remoteId) };

    public static DecidedTurn Turn(long sequence, string prefix, params Effect[] effects) => Turn([sequence], prefix, effects);

    public static DecidedTurn Turn(IReadOnlyList<long> sequences, string prefix, params Effect[] effects) =>
        new(sequences, prefix, State(), effects, Explanation(prefix), StateAt: 100);

    public static ConversationState State(long contact = 77, string said = "order 4711") =>
        new()
        {
            Facts = new ConversationFacts { Status = "pending", UpdatedAt = 100, Contact = new ContactFacts { Id = contact, Name = "Ada" } },
            Session = new Session { Id = "s1", Remembered = new Dictionary<string, SlotValue> { ["order"] = new("4711", said, SlotSource.Said) } },
        };

    public static TurnExplanation Explanation(string turn, string decision = "route") =>
        new() { Turn = turn, At = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero), Decision = decision, Intent = "order_status", Text = "where is it" };

    public static SendMessage Say(string text = "On its way.") => new(text);
}
