using System.Reflection;
using IntentRouter.Configuration;

namespace IntentRouter.Replies;

/// <summary>The texts that the product itself needs, in every language that it reads: files like a bot's own, inside the program.</summary>
internal static class BuiltInTexts
{
    private const string Folder = "IntentRouter.Replies.BuiltIn.";

    public static IReadOnlyDictionary<string, Dictionary<string, ReplyText>> ByLanguage { get; } = Read();

    public static Dictionary<string, ReplyText> English => ByLanguage["en"];

    private static Dictionary<string, Dictionary<string, ReplyText>> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var byLanguage = new Dictionary<string, Dictionary<string, ReplyText>>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)))
        {
            var language = Path.GetFileNameWithoutExtension(name[Folder.Length..]);
            var problems = new List<ConfigurationProblem>();
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            TextFile.Read(reader.ReadToEnd, name, language, byLanguage[language] = [], problems);
            if (problems is [var problem, ..])
            {
                throw new InvalidOperationException($"{name}, line {problem.Line}: {problem.Message}");
            }
        }

        return byLanguage;
    }
}
