using System.Reflection;
using IntentRouter.Adapters.Local.Encoding;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>
/// What people also say to a bot: the weather, a joke, a sore throat, gibberish. No class of its own (any of it may be somebody's intent), only rows
/// from which the confidence learns what "nothing of ours" looks like.
/// </summary>
internal static class Background
{
    private static readonly Lazy<string[]> _texts = new(Read);

    public static IReadOnlyList<string> Texts => _texts.Value;

    private static string[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("background.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => TextNormalizer.Normalize(line)).Distinct()];
    }
}
