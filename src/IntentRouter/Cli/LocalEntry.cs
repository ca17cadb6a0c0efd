using IntentRouter.Configuration;
using IntentRouter.Nlu;

namespace IntentRouter.Cli;

/// <summary>An entry as its module sees it, for work on the local adapter's files.</summary>
internal static class LocalEntry
{
    public static AdapterRegistration Of(string name, NluEntryOptions entry, string root) =>
        new(name, entry.Settings, new ServiceCollection(), AdapterFactory.DataDirectory(root, name), entry.Directory.Length > 0 ? entry.Directory : root);
}
