using System.Globalization;
using YamlDotNet.Core;

namespace IntentRouter.Configuration;

/// <summary>Reads the sources one over the other: <c>appsettings.json</c>, the file or folder, the environment, the secrets.</summary>
internal sealed class SettingsLayers
{
    private static readonly string[] _extensions = [".yaml", ".yml", ".json"];
    private static readonly Dictionary<string, OptionKey> _top = OptionKey.Of(typeof(RouterOptions)).ToDictionary(k => k.Name, StringComparer.OrdinalIgnoreCase);
    private readonly ConfigurationSources _sources;
    private readonly List<ConfigurationProblem> _problems = [];
    private readonly List<string> _files = [];

    private SettingsLayers(ConfigurationSources sources) => _sources = sources;

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    /// <summary>Files that were read, in order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Whether a source could not be read at all, as opposed to being wrong.</summary>
    public bool Unreadable { get; private set; }

    public SettingsNode Root { get; private set; } = null!;

    /// <summary>Directory that relative paths refer to where the source has none of its own.</summary>
    public string Directory { get; private set; } = "";

    public static SettingsLayers Read(ConfigurationSources sources)
    {
        var layers = new SettingsLayers(sources);
        layers.ReadAll();
        return layers;
    }

    private void ReadAll()
    {
        var main = _sources.FullPath;
        Directory = System.IO.Directory.Exists(main) ? main : Path.GetDirectoryName(main)!;
        Root = SettingsNode.Map(new SettingsMark(new SettingsSource(main, Directory), 1, 1));
        var appSettings = Path.Combine(_sources.Directory, "appsettings.json");
        if (File.Exists(appSettings))
        {
            Lay(ReadFile(appSettings));
        }

        if (System.IO.Directory.Exists(main))
        {
            LayMain(ReadFolder(main));
        }
        else if (File.Exists(main))
        {
            LayMain(ReadFile(main));
        }
        else if (_sources.Path is not null)
        {
            Unreadable = true;
            _problems.Add(new ConfigurationProblem(main, 0, 0, "", null, $"The file or folder that {_sources.PathNamedBy} names does not exist.", "Correct the path, or create the file."));
        }

        foreach (var (name, value) in _sources.Environment.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (Segments(name) is { } segments)
            {
                Lay(segments, SettingsNode.Scalar(new SettingsMark(new SettingsSource(SettingsSource.EnvironmentName, Directory, name), 0, 0), value, quoted: false));
            }
        }

        ReadSecrets();
        // Without a file there is no bot: what the environment says alone (a listener, a level of the log) is no configuration.
        if ((!Root.Entries.Any() || (!_sources.HasFile && Root.Find("bots") is null)) && _problems.Count == 0)
        {
            Unreadable = true;
            _problems.Add(new ConfigurationProblem(
                main, 0, 0, "", null, "There is no configuration.", $"Write {ConfigurationSources.DefaultFile} here, or name a file or folder with --config or {ConfigurationSources.PathVariable}."));
        }
    }

    private SettingsNode? ReadFile(string path)
    {
        string text;
        try
        {
            text = YamlText.ReadFile(path);
        }
        catch (YamlException ex)
        {
            _problems.Add(new ConfigurationProblem(path, (int)ex.Start.Line, (int)ex.Start.Column, "", null, $"This is not a text: {YamlText.Sentence(ex)}", "Save the file as UTF-8."));
            return null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            Unreadable = true;
            _problems.Add(new ConfigurationProblem(path, 0, 0, "", null, $"The file cannot be read: {ex.Message}", "Give the service's user the right to read it."));
            return null;
        }

        _files.Add(path);
        var read = SettingsReader.Read(text, new SettingsSource(path, Path.GetDirectoryName(path)), _problems);
        if (read?.Nearest("nlu") is not { Exact: true, Node: { IsList: true } training })
        {
            return read;
        }

        _problems.Add(new ConfigurationProblem(
            path, training.Mark.Line, training.Mark.Column, "nlu", null, "This is training data, not configuration.", "Move the file out of the configuration folder, for example into a folder 'nlu' in it, and name it as nlu:<entry>:training."));
        return null;
    }

    private SettingsNode? ReadFolder(string folder)
    {
        var files = System.IO.Directory.EnumerateFiles(folder)
            .Where(f => _extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(f)[0] != '.')
            .Order(StringComparer.Ordinal)
            .ToList();
        if (files.Count == 0)
        {
            Unreadable = true;
            _problems.Add(new ConfigurationProblem(folder, 0, 0, "", null, "The folder holds no .yaml, .yml or .json file.", $"Put {ConfigurationSources.DefaultFile} into it, or name another folder."));
            return null;
        }

        SettingsNode? all = null;
        foreach (var node in files.Select(ReadFile).OfType<SettingsNode>())
        {
            all = all is null ? node : MergeApart(all, node, "");
        }

        return all;
    }

    // Files of one folder have no order that anybody chose: what two of them say is a mistake, not an override.
    private SettingsNode MergeApart(SettingsNode first, SettingsNode second, string path)
    {
        var merged = SettingsNode.Map(first.Mark);
        foreach (var entry in first.Entries)
        {
            merged.Set(entry);
        }

        foreach (var entry in second.Entries)
        {
            var entryPath = path.Length == 0 ? entry.Key : $"{path}:{entry.Key}";
            if (merged.Find(entry.Key) is not { } known || known.Node.IsNothing)
            {
                merged.Set(entry);
            }
            else if (known.Node.IsMap && entry.Node.IsMap)
            {
                merged.Set(known with { Node = MergeApart(known.Node, entry.Node, entryPath) });
            }
            else if (!entry.Node.IsNothing)
            {
                _problems.Add(new ConfigurationProblem(
                    entry.KeyMark.Source.File, entry.KeyMark.Line, entry.KeyMark.Column, entryPath, null,
                    $"'{entry.Key}' is also set in {Path.GetFileName(known.KeyMark.Source.File)}, line {known.KeyMark.Line}.", "Keep one of the two."));
            }
        }

        return merged;
    }

    private void ReadSecrets()
    {
        if (_sources.Secrets is not { } secrets)
        {
            return;
        }

        var directory = Path.GetFullPath(secrets, _sources.Directory);
        if (!System.IO.Directory.Exists(directory))
        {
            if (_sources.SecretsAreNamed)
            {
                Unreadable = true;
                _problems.Add(new ConfigurationProblem(directory, 0, 0, "", null, $"The directory that {ConfigurationSources.SecretsVariable} names does not exist.", "Correct the path, or mount the secrets there."));
            }

            return;
        }

        List<string> files;
        try
        {
            // Kubernetes keeps its bookkeeping in entries that begin with two dots.
            files = [.. System.IO.Directory.EnumerateFiles(directory).Where(f => Path.GetFileName(f)[0] != '.').Order(StringComparer.Ordinal)];
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            Unreadable |= _sources.SecretsAreNamed;
            _problems.Add(new ConfigurationProblem(directory, 0, 0, "", null, $"The secrets cannot be listed: {ex.Message}", "Give the service's user the right to read the directory.", IsWarning: !_sources.SecretsAreNamed));
            return;
        }

        foreach (var file in files)
        {
            if (Segments(Path.GetFileName(file)) is not { } segments)
            {
                if (_sources.SecretsAreNamed)
                {
                    _problems.Add(new ConfigurationProblem(file, 0, 0, "", null, "The file's name is not a key, so it is not used.", "Name it like Bots__shop__AccessToken.", IsWarning: true));
                }

                continue;
            }

            try
            {
                var value = File.ReadAllText(file).TrimEnd('\r', '\n');
                _files.Add(file);
                Lay(segments, SettingsNode.Scalar(new SettingsMark(new SettingsSource(file, Directory, IsSecret: true), 1, 1), value, quoted: true));
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                Unreadable = true;
                _problems.Add(new ConfigurationProblem(file, 0, 0, string.Join(':', segments), null, $"The secret cannot be read: {ex.Message}", "Give the service's user the right to read it."));
            }
        }
    }

    // A variable is ours when its first word is a key at the top of the file, and a section's name alone is not.
    private static string[]? Segments(string name)
    {
        var segments = name.Split("__");
        return _top.TryGetValue(segments[0], out var key)
            && (segments.Length > 1 ? !segments.Contains("") && key.Property.PropertyType != typeof(string) : key.Property.PropertyType == typeof(string))
            ? segments
            : null;
    }

    // What is missing altogether is missing from the main file.
    private void LayMain(SettingsNode? main)
    {
        if (main is not null)
        {
            var root = SettingsNode.Map(main.Mark);
            foreach (var entry in Root.Entries)
            {
                root.Set(entry);
            }

            Root = Over(root, main);
        }
    }

    private void Lay(SettingsNode? upper) => Root = upper is null ? Root : Over(Root, upper);

    private void Lay(string[] segments, SettingsNode value)
    {
        // Names as the file writes them: a shell's variable has no hyphens and often no lower case.
        var node = Root;
        var names = new List<string>();
        foreach (var segment in segments)
        {
            var entry = node?.Find(segment);
            if (entry is null && node is not null && node.Entries.Where(e => string.Equals(e.Key.Replace('-', '_'), segment, StringComparison.OrdinalIgnoreCase)).Take(2).ToList() is [var alike])
            {
                entry = alike;
            }

            names.Add(entry?.Key ?? segment);
            node = entry?.Node
                ?? (node is { IsList: true } && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < node.Items.Count ? node.Items[i] : null);
        }

        for (var i = names.Count - 1; i >= 0; i--)
        {
            var map = SettingsNode.Map(value.Mark);
            map.Set(new SettingsEntry(names[i], value.Mark, value));
            value = map;
        }

        Root = Over(Root, value);
    }

    /// <summary>Maps are merged key by key, items by index where the upper layer can name them only so; everything else is replaced.</summary>
    private static SettingsNode Over(SettingsNode lower, SettingsNode upper)
    {
        if (upper.IsNothing)
        {
            return lower;
        }

        if (lower.IsMap && upper.IsMap)
        {
            var merged = SettingsNode.Map(lower.Mark);
            foreach (var entry in lower.Entries)
            {
                merged.Set(entry);
            }

            foreach (var entry in upper.Entries)
            {
                // A section stays where the file began it, whatever else adds to it.
                merged.Set(merged.Find(entry.Key) is not { } known ? entry
                    : known.Node.IsMap && entry.Node.IsMap ? known with { Node = Over(known.Node, entry.Node) }
                    : new SettingsEntry(known.Key, entry.KeyMark, Over(known.Node, entry.Node)));
            }

            return merged;
        }

        if (lower.IsList && upper.IsMap && upper.Entries.All(e => int.TryParse(e.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            var items = lower.Items.ToList();
            foreach (var entry in upper.Entries.OrderBy(e => int.Parse(e.Key, CultureInfo.InvariantCulture)))
            {
                var index = int.Parse(entry.Key, CultureInfo.InvariantCulture);
                if (index < items.Count)
                {
                    items[index] = Over(items[index], entry.Node);
                }
                else
                {
                    items.Add(entry.Node);
                }
            }

            var list = SettingsNode.List(lower.Mark);
            items.ForEach(list.Add);
            return list;
        }

        return upper;
    }
}
