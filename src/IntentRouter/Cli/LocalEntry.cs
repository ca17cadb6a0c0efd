using IntentRouter.Configuration;
using IntentRouter.Nlu;

namespace IntentRouter.Cli;

/// <summary>An entry as its module sees it, for work on the local adapter's files.</summary>
internal static class LocalEntry
{
    public static AdapterRegistration Of(string name, NluEntryOptions entry) =>
        new(name, entry.Settings, new ServiceCollection(), AdapterFactory.DataDirectory(entry.Directory, name), entry.Directory);
}
