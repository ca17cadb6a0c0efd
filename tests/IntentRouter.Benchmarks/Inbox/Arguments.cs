using System.Globalization;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary><c>--name value</c> pairs and plain words.</summary>
internal sealed class Arguments(string[] args)
{
    public IReadOnlyList<string> Words { get; } =
        [.. args.Where((a, i) => !a.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal)))];

    public string? Value(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    public int Number(string name, int otherwise) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
