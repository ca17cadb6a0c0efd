using System.Security.Cryptography;
using System.Text;
using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>
/// One validated configuration, immutable: a turn reads it once at its start and never sees half of a reload. <see cref="Options"/> is not changed after
/// validation.
/// </summary>
internal sealed record RouterConfiguration
{
    public required RouterOptions Options { get; init; }

    /// <summary>Short hash of everything that decides, shown with each explanation.</summary>
    public required string Version { get; init; }

    /// <summary>Directory that relative paths refer to.</summary>
    public required string Root { get; init; }

    public required IReadOnlyDictionary<string, Bot> Bots { get; init; }
}

/// <summary>One bot, ready to use.</summary>
internal sealed record Bot
{
    // Hashed once, not with each event.
    private readonly byte[][] _keys = [];

    public required string Name { get; init; }

    public required BotOptions Options
    {
        get;
        init
        {
            field = value;
            _keys = [.. new[] { value.Key, value.PreviousKey }.Where(key => !string.IsNullOrEmpty(key)).Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key!)))];
        }
    }

    /// <summary>Routes by name (shared by all bots).</summary>
    public required IReadOnlyDictionary<string, RouteOptions> Routes { get; init; }

    /// <summary>Lookups by name (shared by all bots).</summary>
    public IReadOnlyDictionary<string, LookupOptions> Lookups { get; init; } = new Dictionary<string, LookupOptions>();

    public required TextCatalog Texts { get; init; }

    /// <summary>Null means always open.</summary>
    public BusinessHours? Hours { get; init; }

    /// <summary>Whether this is the key of the bot's URL, or the one before it; takes as long for a wrong key as for a right one.</summary>
    public bool HasKey(string key)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), given);
        var right = false;
        foreach (var expected in _keys)
        {
            right |= CryptographicOperations.FixedTimeEquals(given, expected);
        }

        return right;
    }
}

/// <summary>The current configuration, swapped whole. A bad reload keeps the last good one.</summary>
internal interface ILiveConfiguration
{
    RouterConfiguration Current { get; }

    /// <summary>Raised after a swap, on a thread of its own.</summary>
    event Action<RouterConfiguration>? Changed;

    /// <summary>What the last reload found wrong, empty when it was taken.</summary>
    IReadOnlyList<ConfigurationProblem> Problems { get; }
}

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="File">The file, or <c>environment</c> with the variable's name in <paramref name="Path"/>.</param>
/// <param name="Path">Colon-separated key path, for example <c>bots:shop:confidence:answer</c>.</param>
/// <param name="Value">The offending value as written; <c>***</c> for secrets.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record ConfigurationProblem(string? File, int Line, int Column, string Path, string? Value, string Message, string Remedy, bool IsWarning = false);
