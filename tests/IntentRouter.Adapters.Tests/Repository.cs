namespace IntentRouter.Adapters.Tests;

/// <summary>Where this checkout is.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Artifacts => Directory.CreateDirectory(Path.Combine(Root, "artifacts")).FullName;

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "IntentRouter.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run inside the checkout.");
    }
}
