using System.Security.Cryptography;
using System.Text;
using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>What loading made of the sources.</summary>
/// <param name="Configuration">Null when there is an error among the problems.</param>
/// <param name="Settings">What the sources say together, checked or not.</param>
/// <param name="Watched">Files and directories whose change changes the configuration.</param>
/// <param name="Unreadable">Whether a source could not be read at all.</param>
internal sealed record LoadedConfiguration(
    RouterConfiguration? Configuration, IReadOnlyList<ConfigurationProblem> Problems, SettingsNode Settings, IReadOnlyList<string> Watched, bool Unreadable)
{
    public IEnumerable<ConfigurationProblem> Errors => Problems.Where(p => !p.IsWarning);
}

/// <summary>The one way from files, environment and secrets to a validated configuration: used by the service, every verb and the tests.</summary>
internal static class RouterConfigurationLoader
{
    /// <summary>Keys that change what is decided: the ones hashed into <see cref="RouterConfiguration.Version"/>.</summary>
    private static readonly string[] _deciding = ["bots", "nlu", "lookups", "actions", "routes", "senders"];

    public static LoadedConfiguration Load(ConfigurationSources sources, ConfigurationParts parts)
    {
        var layers = SettingsLayers.Read(sources);
        return Build(sources, parts, layers.Root, layers.Problems, layers.Files, layers.Directory, layers.Unreadable);
    }

    /// <summary>Loads one text as if it were the only file; relative paths refer to <paramref name="directory"/>.</summary>
    public static LoadedConfiguration Parse(string yaml, string directory, ConfigurationParts parts)
    {
        var file = Path.Combine(directory, ConfigurationSources.DefaultFile);
        var problems = new List<ConfigurationProblem>();
        var source = new SettingsSource(file, directory);
        var root = SettingsReader.Read(yaml, source, problems) ?? SettingsNode.Map(new SettingsMark(source, 1, 1));
        return Build(new ConfigurationSources { Path = file, Directory = directory, IsSample = true }, parts, root, problems, [], directory, unreadable: false);
    }

    // An adapter's own keys are its own; their names say what is secret. A file is named, not held.
    private static void MarkSecretsOfAdapters(RouterOptions options, ProblemReport report)
    {
        foreach (var (name, entry) in options.Nlu)
        {
            foreach (var path in entry.Settings.AsEnumerable().Where(s => s.Value is not null).Select(s => $"nlu:{name}:{s.Key}"))
            {
                if ((report.IsSecret(path) && !path.EndsWith(":credentials", StringComparison.OrdinalIgnoreCase)) || path.Contains(":headers:", StringComparison.OrdinalIgnoreCase))
                {
                    report.MarkSecret(path);
                }
            }
        }
    }

    private static LoadedConfiguration Build(
        ConfigurationSources sources, ConfigurationParts parts, SettingsNode root, IReadOnlyList<ConfigurationProblem> found, IReadOnlyList<string> files, string directory, bool unreadable)
    {
        var report = new ProblemReport(root);
        var options = new SettingsBinder(report).Bind<RouterOptions>(root);
        report.ReadingIsDone();
        Complete(options, root, directory, sources);
        // After a syntax error everything below it is missing, which is not worth a word.
        if (found.All(p => p.IsWarning || p.Path.Length > 0))
        {
            ConfigurationChecks.Run(options, report, sources);
            MarkSecretsOfAdapters(options, report);
            new ExposedSecrets(report, root, sources).Run();
            foreach (var problem in parts.Plugins?.Invoke(options.Plugins.Directory, [.. options.Nlu.Values.Select(e => e.Adapter)]) ?? [])
            {
                report.Add(report.Located(problem));
            }

            foreach (var (name, entry) in options.Nlu)
            {
                foreach (var problem in parts.Nlu?.Invoke(name, entry, entry.Directory) ?? [])
                {
                    report.Add(report.Located(problem));
                }
            }
        }

        var textDirectories = options.Bots.Values.Select(b => b.Texts).Prepend(options.Texts).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        CheckTextDirectories(options, report);
        var bots = options.Bots.ToDictionary(b => b.Key, b => BotOf(b.Key, b.Value, options, report), StringComparer.OrdinalIgnoreCase);
        var problems = found.Concat(report.Problems)
            .DistinctBy(p => (p.File, p.Line, p.Path, p.Message))
            .OrderBy(p => p.IsWarning).ThenBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column)
            .ToList();
        var configuration = problems.Exists(p => !p.IsWarning) ? null : new RouterConfiguration
        {
            Options = options,
            Root = directory,
            Version = VersionOf(root, report, textDirectories),
            Bots = bots,
        };
        return new LoadedConfiguration(configuration, problems, root, [.. files, .. textDirectories], unreadable);
    }

    private static Bot BotOf(string name, BotOptions bot, RouterOptions options, ProblemReport report)
    {
        var problems = new List<ConfigurationProblem>();
        var texts = TextCatalog.Load(bot.Language, new[] { options.Texts, bot.Texts }.OfType<string>().Where(Directory.Exists), problems);
        problems.ForEach(report.Add);
        new TextChecks(options, report).Run(name, bot, texts);
        foreach (var problem in TextVariableCheck.Run(options, bot, texts))
        {
            report.Add(problem.File is null ? report.Located(problem) : problem);
        }

        return new Bot { Name = name, Options = bot, Routes = options.Routes, Lookups = options.Lookups, Texts = texts, Hours = HoursOf(bot) };
    }

    private static BusinessHours? HoursOf(BotOptions bot)
    {
        try
        {
            return bot.Hours is { } hours ? BusinessHours.Parse(hours) : null;
        }
        catch (FormatException)
        {
            // Reported by the checks, so that this configuration is never used.
            return null;
        }
    }

    // What the binder cannot know: defaults that depend on where the file lies.
    private static void Complete(RouterOptions options, SettingsNode root, string directory, ConfigurationSources sources)
    {
        if (options.Chat.BaseUrl == ChatOptions.Playground)
        {
            options.Chat.IsPlayground = true;
            options.Chat.BaseUrl = $"{ConfigurationSources.Local(options.Management.Url)}/{ChatOptions.Playground}";
        }

        foreach (var (name, entry) in options.Nlu)
        {
            entry.Directory = root.Nearest($"nlu:{name}").KeyMark.Source.Directory ?? directory;
        }

        options.Plugins.Directory = Path.GetFullPath(options.Plugins.Directory, directory);
        foreach (var (name, lookup) in options.Lookups.Where(l => l.Value is { Provider: "sqlite", Connection: not null }))
        {
            lookup.Connection = SqliteFile.Absolute(lookup.Connection!, DirectoryOf(root, $"lookups:{name}:connection", directory), sources.MadeDatabases);
        }

        foreach (var (name, action) in options.Actions.Where(a => a.Value is { Provider: "sqlite", Connection: not null }))
        {
            action.Connection = SqliteFile.Absolute(action.Connection!, DirectoryOf(root, $"actions:{name}:connection", directory), sources.MadeDatabases);
        }

        if (options.Store.Provider == "sqlite")
        {
            options.Store.Connection = SqliteFile.Absolute(options.Store.Connection, DirectoryOf(root, "store:connection", directory));
        }
    }

    private static string DirectoryOf(SettingsNode root, string path, string otherwise) =>
        root.Nearest(path) is { Exact: true } found ? found.Node.Mark.Source.Directory ?? otherwise : otherwise;

    private static void CheckTextDirectories(RouterOptions options, ProblemReport report)
    {
        foreach (var (path, directory) in options.Bots.Select(b => ($"bots:{b.Key}:texts", b.Value.Texts)).Prepend(("texts", options.Texts)))
        {
            if (directory is not null && !Directory.Exists(directory))
            {
                report.Error(path, $"The folder {directory} does not exist.", "Create it with one file per language, such as en.yaml.");
            }
        }
    }

    private static string VersionOf(SettingsNode root, ProblemReport report, List<string> textDirectories)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var section in _deciding)
        {
            foreach (var (path, value) in (root.Find(section)?.Node.Flatten(section) ?? []).OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                // A rotated token decides nothing, and a short hash of secrets would be something to guess against.
                if (!report.IsSecret(path))
                {
                    hash.AppendData(Encoding.UTF8.GetBytes($"{path}={value}\n"));
                }
            }
        }

        foreach (var file in textDirectories.Where(Directory.Exists).SelectMany(d => Directory.EnumerateFiles(d)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
