using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>What the prompt asks for.</summary>
internal sealed record ModelAnswer(string? Intent, IReadOnlyList<ModelEntity>? Entities);

internal sealed record ModelEntity(string? Name, string? Text, string? Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ModelAnswer))]
internal sealed partial class LanguageModelJson : JsonSerializerContext;
