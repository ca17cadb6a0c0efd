using IntentRouter.Decisions;

namespace IntentRouter.Configuration;

/// <summary>Collects problems and finds the place in the file for each.</summary>
internal sealed class ProblemReport(SettingsNode root)
{
    private static readonly string[] _secretWords = ["token", "secret", "password", "apikey", "jwt", "credential", "privatekey"];
    private readonly List<ConfigurationProblem> _problems = [];
    private readonly HashSet<string> _unread = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _secrets = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    /// <summary>Paths whose values must not be shown.</summary>
    public IReadOnlyCollection<string> Secrets => _secrets;

    public void MarkSecret(string path) => _secrets.Add(path);

    public bool IsSecret(string path) =>
        _secrets.Contains(path)
        || path[(path.LastIndexOf(':') + 1)..] is var last && _secretWords.Any(w => last.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether what stands at <paramref name="path"/> comes from the environment or the secrets alone.</summary>
    public bool IsOutsideFiles(string path) => root.Nearest(path) is { Exact: true, KeyMark.Source: { IsEnvironment: true } or { IsSecret: true } };

    /// <summary>From here on a value that could not be read is not also reported as missing.</summary>
    public void ReadingIsDone() => _unread.UnionWith(_problems.Select(p => p.Path));

    public void Add(ConfigurationProblem problem) => _problems.Add(problem);

    /// <summary>Something is wrong with what stands at <paramref name="path"/>, or with its absence.</summary>
    public void Error(string path, string message, string remedy) => Add(path, message, remedy, atKey: false, isWarning: false);

    public void Warning(string path, string message, string remedy) => Add(path, message, remedy, atKey: false, isWarning: true);

    /// <summary>The key itself is wrong, not its value.</summary>
    public void KeyError(string path, string message, string remedy) => Add(path, message, remedy, atKey: true, isWarning: false);

    public void ExpectUrl(string path, string? url, string example)
    {
        if (string.IsNullOrEmpty(url))
        {
            Error(path, "The address is missing.", $"Write an absolute address such as {example}.");
        }
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            Error(path, "This is not an absolute http or https address.", $"Write an address such as {example}.");
        }
        else if (uri.UserInfo.Length > 0)
        {
            Error(path, "The address holds a user name or password.", "Put credentials into the keys made for them.");
        }
    }

    /// <summary>Whether <paramref name="name"/> is an entry of the section.</summary>
    public bool ExpectName(string path, string name, IReadOnlyCollection<string> known, string section)
    {
        if (known.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        Error(path, $"There is no '{name}' under '{section}:'.", NearestWord.Advice(name, known));
        return false;
    }

    public void ExpectHandoff(string path, HandoffTargetOptions? target)
    {
        if (target?.Reason is { } reason)
        {
            ExpectReason($"{path}:reason", reason);
        }
    }

    public void ExpectReason(string path, string reason)
    {
        if (!Kebab.TryParse<HandoffReason>(reason, out _))
        {
            Error(path, $"'{reason}' is not a reason for a handoff.", NearestWord.Advice(reason, Enum.GetValues<HandoffReason>().Select(r => Kebab.Of(r))));
        }
    }

    /// <summary>Fills in file, line, column and value of a problem that knows only its path.</summary>
    public ConfigurationProblem Located(ConfigurationProblem problem)
    {
        var (node, found, keyMark, exact) = root.Nearest(problem.Path);
        var mark = exact ? node.Mark : keyMark;
        // A short form has no keys of its own: what is meant is the scalar.
        var path = exact || node.IsMap || node.IsNothing || found.Length == 0 ? problem.Path : found;
        return problem with
        {
            File = mark.Source.File,
            Line = mark.Line,
            Column = mark.Column,
            Path = mark.Source.Name is { } variable && exact ? variable : path,
            Value = problem.Value ?? Shown(node, path, exact || path == found),
        };
    }

    private void Add(string path, string message, string remedy, bool atKey, bool isWarning)
    {
        if (_unread.Contains(path))
        {
            return;
        }

        var problem = Located(new ConfigurationProblem(null, 0, 0, path, null, message, remedy, isWarning));
        if (atKey && root.Nearest(path) is { Exact: true } at)
        {
            problem = problem with { Line = at.KeyMark.Line, Column = at.KeyMark.Column };
        }

        _problems.Add(problem);
    }

    private string? Shown(SettingsNode node, string path, bool isTheValue)
    {
        const int Longest = 80;
        return !isTheValue || node.Value is not { } value ? null
            : IsSecret(path) || node.Mark.Source.IsSecret || value.Contains('@', StringComparison.Ordinal) && value.Contains("://", StringComparison.Ordinal) ? "***"
            : value.Length > Longest ? value[..Longest] + "…"
            : value;
    }
}
