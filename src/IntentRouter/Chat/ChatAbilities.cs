using System.Text.Json;
using IntentRouter.Storage;

namespace IntentRouter.Chat;

/// <summary>What one installation lets a bot do. Null where it is not known yet: then it is tried, and the answer remembered.</summary>
internal sealed record ChatAbilities
{
    /// <summary>What <c>GET /api</c> said, or null. A fork gives the number of its base: what a call answers counts for more.</summary>
    public string? Version { get; init; }

    public bool? Typing { get; init; }

    public bool? Labels { get; init; }

    public bool? ReadConversation { get; init; }

    /// <summary>Whether <c>merge: true</c> is honoured when custom attributes are set. Known by version only: trying it would lose others' attributes.</summary>
    public bool? MergeAttributes { get; init; }

    /// <summary>Whether our marker comes back with a message.</summary>
    public bool? MarkerKept { get; init; }

    /// <summary>What a version is known for, before anything was tried. Pessimistic only where trying would do harm.</summary>
    public static ChatAbilities Of(string? version) => new()
    {
        Version = version,
        MergeAttributes = Version4(version) is { } v && v >= new Version(4, 17, 0),
        // Older versions keep only their own keys; OneHash's 4.2 keeps all, so the first answer decides there.
        MarkerKept = Version4(version) is { } w && w >= new Version(4, 9, 0) ? true : null,
    };

    private static Version? Version4(string? text) => System.Version.TryParse(text?.Split('-')[0], out var version) ? version : null;
}

/// <summary>
/// The abilities of the installation that <c>chat.baseUrl</c> names, shared by replicas and kept over restarts. A new version forgets what was
/// learned from the old one. Thread-safe.
/// </summary>
internal sealed partial class ChatCapabilities(IEventStore store, ILogger<ChatCapabilities> logger)
{
    private const string Area = "capabilities";

    private volatile Known? _known;

    public async ValueTask<ChatAbilities> ReadAsync(string installation, CancellationToken cancellationToken)
    {
        if (_known is { } known && known.Installation == installation)
        {
            return known.Abilities;
        }

        if (await LoadAsync(installation, cancellationToken) is not { } abilities)
        {
            return new ChatAbilities();
        }

        _known = new Known(installation, abilities);
        return abilities;
    }

    /// <summary>
    /// Takes over what a call taught; writes only when it is news. It follows a call that already had its effect, so it neither stops for a cancellation nor
    /// fails with the store: what cannot be kept is learned again.
    /// </summary>
    public async ValueTask LearnAsync(string installation, Func<ChatAbilities, ChatAbilities> lesson)
    {
        var before = await ReadAsync(installation, CancellationToken.None);
        if (lesson(before) == before)
        {
            return;
        }

        try
        {
            // Read again: another replica may have learned something else meanwhile. Two at once may lose a lesson, which the next call teaches again.
            var after = lesson(await LoadAsync(installation, CancellationToken.None) ?? before);
            _known = new Known(installation, after);
            await store.PutAsync(Area, installation, JsonSerializer.Serialize(after, ChatJson.Default.ChatAbilities), null, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            LogNotKept(installation);
        }
    }

    /// <summary>Takes over the version; another one than before forgets what was learned.</summary>
    public ValueTask SeeVersionAsync(string installation, string? version) =>
        LearnAsync(installation, known => known.Version == version ? known : ChatAbilities.Of(version));

    /// <summary>Null when the store cannot tell.</summary>
    private async Task<ChatAbilities?> LoadAsync(string installation, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await store.GetAsync(Area, installation, cancellationToken);
            return stored is null ? new ChatAbilities() : JsonSerializer.Deserialize(stored, ChatJson.Default.ChatAbilities) ?? new ChatAbilities();
        }
        catch (JsonException)
        {
            // Written by another release of ours: what it knew is learned again.
            return new ChatAbilities();
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    [LoggerMessage(9010, LogLevel.Warning, "What was learned about {Installation} could not be stored and will be learned again")]
    private partial void LogNotKept(string installation);

    private sealed record Known(string Installation, ChatAbilities Abilities);
}
