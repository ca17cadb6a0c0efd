using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.Lex;

// What the runtime API takes and sends, as far as it is used. Everything may be missing.
internal sealed record RecognizeRequest(string Text, IReadOnlyDictionary<string, string> RequestAttributes);

internal sealed record RecognizeAnswer(IReadOnlyList<LexMessage>? Messages, LexSessionState? SessionState, IReadOnlyList<LexInterpretation>? Interpretations);

internal sealed record LexMessage(string? ContentType, string? Content, LexCard? ImageResponseCard);

internal sealed record LexCard(string? Title, string? Subtitle, IReadOnlyList<LexButton>? Buttons);

internal sealed record LexButton(string? Text, string? Value);

internal sealed record LexSessionState(LexDialogAction? DialogAction, LexIntent? Intent);

internal sealed record LexDialogAction(string? Type);

internal sealed record LexInterpretation(LexIntent? Intent, LexConfidence? NluConfidence);

internal sealed record LexConfidence(double? Score);

internal sealed record LexIntent(string? Name, string? State, IReadOnlyDictionary<string, LexSlot?>? Slots);

/// <summary>Published answers often lack the shape: it follows from which member is there.</summary>
internal sealed record LexSlot(LexValue? Value, IReadOnlyList<LexSlot?>? Values, IReadOnlyDictionary<string, LexSlot?>? SubSlots);

internal sealed record LexValue(string? OriginalValue, string? InterpretedValue);

/// <summary>Only read to see that it is JSON.</summary>
internal sealed record LexSession(string? SessionId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RecognizeRequest))]
[JsonSerializable(typeof(RecognizeAnswer))]
[JsonSerializable(typeof(LexSession))]
internal sealed partial class LexJson : JsonSerializerContext;
