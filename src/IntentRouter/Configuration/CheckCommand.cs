using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntentRouter.Configuration;

/// <summary><c>check</c>: every problem of the configuration, for people or with <c>--json</c>; 0 fine, 1 problems, 2 nothing readable to check.</summary>
internal static class CheckCommand
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="config">The <c>--config</c> option that the verbs share.</param>
    /// <param name="json">The <c>--json</c> option that the verbs share.</param>
    public static Command Create(Option<string?> config, Option<bool> json, Func<string?, ConfigurationSources> sources, ConfigurationParts parts)
    {
        var strict = new Option<bool>("--strict") { Description = "Count warnings as problems." };
        var withoutSecrets = new Option<bool>("--without-secrets") { Description = "Do not ask for keys, tokens and connection strings that only the running service has. For CI." };
        var command = new Command("check", "Check the configuration and list every problem with file, line, path, value and remedy. Exit code 1 when there is one.") { config, json, strict, withoutSecrets };
        command.SetAction(result =>
        {
            var given = sources(result.GetValue(config)) with { WithoutSecrets = result.GetValue(withoutSecrets) };
            var loaded = RouterConfigurationLoader.Load(given, parts);
            var output = result.InvocationConfiguration.Output;
            output.WriteLine(result.GetValue(json) ? Json(loaded, given) : Text(loaded, given));
            return ExitCode(loaded, result.GetValue(strict));
        });
        return command;
    }

    public static int ExitCode(LoadedConfiguration loaded, bool strict) =>
        loaded.Unreadable ? 2
        : loaded.Configuration is null || (strict && loaded.Problems.Count > 0) ? 1
        : 0;

    /// <summary>The problems as people read them; also what <c>serve</c> prints before it refuses to start.</summary>
    public static string Text(LoadedConfiguration loaded, ConfigurationSources sources)
    {
        var text = new System.Text.StringBuilder();
        foreach (var problem in loaded.Problems)
        {
            text.Append(Place(problem, sources)).Append(problem.IsWarning ? ": warning: " : ": error: ");
            if (problem.Path.Length > 0)
            {
                text.Append(problem.Path);
                if (problem.Value is not null)
                {
                    text.Append(CultureInfo.InvariantCulture, $" = {OneLine(problem.Value)}");
                }

                text.Append(": ");
            }

            text.AppendLine(problem.Message).Append("    ").AppendLine(problem.Remedy);
        }

        var errors = loaded.Errors.Count();
        var warnings = loaded.Problems.Count - errors;
        text.Append(errors == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Relative(sources.FullPath, sources)} is good{(warnings == 0 ? "" : $", with {Counted(warnings, "warning")}")}; version {loaded.Configuration?.Version}.")
            : string.Create(CultureInfo.InvariantCulture, $"{Counted(errors, "problem")}{(warnings == 0 ? "" : $" and {Counted(warnings, "warning")}")} found."));
        return text.ToString();
    }

    public static string Json(LoadedConfiguration loaded, ConfigurationSources sources) => new JsonObject
    {
        ["ok"] = loaded.Configuration is not null,
        ["config"] = sources.FullPath,
        ["version"] = loaded.Configuration?.Version,
        ["problems"] = new JsonArray([.. loaded.Problems.Select(p => new JsonObject
        {
            ["severity"] = p.IsWarning ? "warning" : "error",
            ["file"] = p.File,
            ["line"] = p.Line,
            ["column"] = p.Column,
            ["path"] = p.Path,
            ["value"] = p.Value,
            ["message"] = p.Message,
            ["remedy"] = p.Remedy,
        })]),
    }.ToJsonString(_json);

    private static string Place(ConfigurationProblem problem, ConfigurationSources sources) =>
        problem.File is not { } file ? Relative(sources.FullPath, sources)
        : problem.Line == 0 ? Relative(file, sources)
        : string.Create(CultureInfo.InvariantCulture, $"{Relative(file, sources)}({problem.Line},{problem.Column})");

    private static string Relative(string file, ConfigurationSources sources)
    {
        if (!Path.IsPathRooted(file))
        {
            return file;
        }

        var relative = Path.GetRelativePath(sources.Directory, file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : relative;
    }

    private static string OneLine(string value) => value.ReplaceLineEndings(" ");

    private static string Counted(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
