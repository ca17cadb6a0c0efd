using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Conversations;
using IntentRouter.Review;
using IntentRouter.Turns;

namespace IntentRouter.Storage;

/// <summary>The documents inside the store. Readers ignore what they do not know, so that replicas of two versions can share a database.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConversationState))]
[JsonSerializable(typeof(TurnExplanation))]
[JsonSerializable(typeof(Effect))]
[JsonSerializable(typeof(IReadOnlyList<SpokenCandidate>))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    public static string Write(ConversationState state) => JsonSerializer.Serialize(state, Default.ConversationState);

    public static string Write(TurnExplanation explanation) => JsonSerializer.Serialize(explanation, Default.TurnExplanation);

    public static string Write(Effect effect) => JsonSerializer.Serialize(effect, Default.Effect);

    public static string Write(IReadOnlyList<SpokenCandidate> candidates) => JsonSerializer.Serialize(candidates, Default.IReadOnlyListSpokenCandidate);

    public static IReadOnlyList<SpokenCandidate> ReadCandidates(string json) => JsonSerializer.Deserialize(json, Default.IReadOnlyListSpokenCandidate)!;

    public static ConversationState ReadState(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.ConversationState)!;

    public static ConversationState ReadState(string json) => JsonSerializer.Deserialize(json, Default.ConversationState)!;

    public static TurnExplanation ReadExplanation(string json) => JsonSerializer.Deserialize(json, Default.TurnExplanation)!;

    public static Effect ReadEffect(string json) => JsonSerializer.Deserialize(json, Default.Effect)!;
}
