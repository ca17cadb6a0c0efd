namespace IntentRouter.Replies;

/// <summary>
/// A bot's texts, by language and key, with the fallback chain asked language → its parent → the bot's default → built-in English.
/// Immutable and thread-safe.
/// </summary>
internal sealed class TextCatalog
{
    public static TextCatalog Empty { get; } = new();
}
