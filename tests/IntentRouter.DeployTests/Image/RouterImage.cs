using System.Formats.Tar;

namespace IntentRouter.DeployTests.Image;

/// <summary>The image of <c>deploy/Dockerfile</c>, built once per test run on the base images that are here.</summary>
internal static class RouterImage
{
    public const string Name = "localhost/intent-router:deploy-tests";

    private static readonly Lazy<Task> _built = new(BuildAsync);

    public static async Task<string> GetAsync()
    {
        await _built.Value;
        return Name;
    }

    /// <summary>The files under <c>/app</c>, read without running anything: there may be no shell inside.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> FilesAsync()
    {
        var container = await Engine.AskAsync("create", await GetAsync());
        var folder = Directory.CreateTempSubdirectory("image").FullName;
        try
        {
            var archive = Path.Combine(folder, "app.tar");
            (await Shell.RunAsync("bash", ["-c", $"{Engine.Program()} cp {container}:/app - > {archive}"])).Succeeded();
            var files = new Dictionary<string, byte[]>();
            await using var stream = File.OpenRead(archive);
            await using var reader = new TarReader(stream);
            while (await reader.GetNextEntryAsync() is { } entry)
            {
                if (entry.DataStream is { } content)
                {
                    using var bytes = new MemoryStream();
                    await content.CopyToAsync(bytes);
                    files.Add(entry.Name[(entry.Name.IndexOf("app/", StringComparison.Ordinal) + 4)..], bytes.ToArray());
                }
            }

            return files;
        }
        finally
        {
            await Engine.RunAsync("rm", container);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task BuildAsync()
    {
        var sdk = await Engine.ImageAsync("the .NET SDK", Environment.GetEnvironmentVariable("SDK_IMAGE"), "localhost/dotnet-sdk:10.0", "mcr.microsoft.com/dotnet/sdk:10.0");
        var runtime = await Engine.ImageAsync(
            "the ASP.NET runtime", Environment.GetEnvironmentVariable("RUNTIME_IMAGE"), "localhost/dotnet-aspnet:10.0", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra");
        await Engine.AskAsync("build", "--file", "deploy/Dockerfile", "--build-arg", $"SDK_IMAGE={sdk}", "--build-arg", $"RUNTIME_IMAGE={runtime}", "--tag", Name, ".");
    }
}
