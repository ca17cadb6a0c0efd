namespace IntentRouter.Adapters.Local.Tests;

/// <summary>Files in a folder of their own, gone after the test.</summary>
internal sealed class TrainingFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("local-nlu-").FullName;

    public static string Shop => Path.Combine(AppContext.BaseDirectory, "Data", "shop.yaml");

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
