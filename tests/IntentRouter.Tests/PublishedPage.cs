namespace IntentRouter.Tests;

/// <summary>Files of the repository that are made from the program. With <c>INTENTROUTER_UPDATE=1</c> they are written instead of compared.</summary>
internal static class PublishedPage
{
    public static string Repository { get; } = FindRepository();

    public static void IsCurrent(string path, Func<string, string> make)
    {
        var file = Path.Combine(Repository, path);
        var published = File.Exists(file) ? File.ReadAllText(file) : "";
        var current = make(published);
        if (Environment.GetEnvironmentVariable("INTENTROUTER_UPDATE") == "1")
        {
            File.WriteAllText(file, current);
        }
        else
        {
            Assert.True(published == current, $"{path} is out of date: run the tests with INTENTROUTER_UPDATE=1.");
        }
    }

    private static string FindRepository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "IntentRouter.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("The repository was not found above the tests.");
    }
}
