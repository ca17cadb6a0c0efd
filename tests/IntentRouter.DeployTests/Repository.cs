using System.Runtime.CompilerServices;

namespace IntentRouter.DeployTests;

/// <summary>The checkout that these tests were compiled from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string Find([CallerFilePath] string here = "")
    {
        // A deterministic build maps the source path away, so the output folder is the way home there.
        foreach (var start in new[] { Path.GetDirectoryName(here), AppContext.BaseDirectory })
        {
            for (var folder = start; !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "IntentRouter.sln")))
                {
                    return folder;
                }
            }
        }

        throw new DirectoryNotFoundException("IntentRouter.sln was not found above the test assembly.");
    }
}
