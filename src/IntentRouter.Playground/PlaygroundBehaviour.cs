namespace IntentRouter.Playground;

/// <summary>What a bot can notice of the chosen version and flavor: one name per difference.</summary>
public sealed class PlaygroundBehaviour
{
    internal PlaygroundBehaviour(PlaygroundOptions options)
    {
        Version = options.Version;
        Flavor = options.Flavor ?? (Version.AtLeast(4, 3) ? PlaygroundFlavor.Chatwoot : PlaygroundFlavor.OneHash);
        StoresAllContentAttributes = options.StoresAllContentAttributes
            ?? (IsOneHash || Version.AtLeast(4, 9) || !Version.AtLeast(4, 2));
    }

    public PlaygroundVersion Version { get; }

    public PlaygroundFlavor Flavor { get; }

    /// <summary>4.9: foreign keys of <c>content_attributes</c> survive; OneHash always.</summary>
    public bool StoresAllContentAttributes { get; }

    internal bool IsOneHash => Flavor == PlaygroundFlavor.OneHash;

    internal bool ResetsTokens => Version.AtLeast(4, 3);

    internal bool LineButtons => Version.AtLeast(4, 3);

    internal bool FailedBotOpens => Version.AtLeast(4, 7);

    internal bool BotsMayBeAssigned => Version.AtLeast(4, 8);

    internal bool BotTokenWorksInOwnAccount => Version.AtLeast(4, 8);

    internal bool BotReplyClearsWaiting => Version.AtLeast(4, 10);

    internal bool KeepsPendingOnBotFailure => Version.AtLeast(4, 11);

    internal bool MarksNativeEcho => Version.AtLeast(4, 11);

    internal bool RetriesDeliveries => Version.AtLeast(4, 12);

    internal bool PlatformShowsOutgoingUrl => Version.AtLeast(4, 12);

    internal bool SignsAccountWebhooks => Version.AtLeast(4, 12);

    internal bool SignsDeliveries => Version.AtLeast(4, 13);

    internal bool TellsConversationChanges => Version.AtLeast(4, 13);

    internal bool NormalisesContent => Version.AtLeast(4, 13);

    internal bool ChecksBotOnConnect => Version.AtLeast(4, 14);

    internal bool SurvivesDeletedPlatformBots => Version.AtLeast(4, 14);

    internal bool GuardsPrivateAddresses => Version.AtLeast(4, 14);

    internal bool AccountInConversation => Version.AtLeast(4, 14, 2);

    internal bool HidesTokensFromAgents => Version.AtLeast(4, 16);

    internal bool HasApiFeatureFlag => Version.AtLeast(4, 16);

    internal bool NewConversationsBelongToBot => Version.AtLeast(4, 16, 2);

    internal bool MergesCustomAttributes => Version > new PlaygroundVersion(4, 16, 2);

    internal bool AssignmentMovesStatus => Version.AtLeast(4, 17);
}
