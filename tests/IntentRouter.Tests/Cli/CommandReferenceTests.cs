using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using IntentRouter.Cli;

namespace IntentRouter.Tests.Cli;

/// <summary>The CLI page says what <c>--help</c> says. With <c>INTENTROUTER_UPDATE=1</c> its reference is written instead of compared.</summary>
public sealed class CommandReferenceTests
{
    private const string Begin = "<!-- verbs: made by CommandReferenceTests, do not edit -->";
    private const string End = "<!-- end of verbs -->";

    [Fact]
    public void The_page_lists_every_verb_and_option() => PublishedPage.IsCurrent("docs/cli.md", text =>
        $"{text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)]}\n\n{Reference()}\n\n{text[text.IndexOf(End, StringComparison.Ordinal)..]}");

    [Fact]
    public void Every_verb_option_and_argument_says_what_it_is() =>
        Assert.All(Verbs(CommandLine.Create(), ""), verb =>
        {
            Assert.EndsWith(".", verb.Command.Description, StringComparison.Ordinal);
            Assert.All(verb.Command.Options, o => Assert.True(o is HelpOption or VersionOption || o.Description?.EndsWith('.') == true, $"{verb.Path} {o.Name}"));
            Assert.All(verb.Command.Arguments, a => Assert.EndsWith(".", a.Description, StringComparison.Ordinal));
        });

    private static IEnumerable<(string Path, Command Command)> Verbs(Command command, string path) =>
        command.Subcommands.SelectMany(c => Verbs(c, path.Length == 0 ? c.Name : $"{path} {c.Name}").Prepend((path.Length == 0 ? c.Name : $"{path} {c.Name}", c)));

    private static string Reference()
    {
        var root = CommandLine.Create();
        var text = new StringBuilder();
        foreach (var (path, command) in Verbs(root, ""))
        {
            var arguments = string.Concat(command.Arguments.Select(a => $" <{a.Name}>"));
            var required = string.Concat(command.Options.Where(o => o.Required).Select(o => $" {o.Name} <{Value(o)}>"));
            text.AppendLine(CultureInfo.InvariantCulture, $"### {path}").AppendLine().AppendLine(command.Description).AppendLine();
            if (command.Subcommands.Count > 0)
            {
                continue;
            }

            text.AppendLine("```").AppendLine(CultureInfo.InvariantCulture, $"intent-router {path}{arguments}{required}{(command.Options.Any(o => !o.Required && o is not HelpOption) ? " [options]" : "")}").AppendLine("```").AppendLine();
            var rows = command.Arguments.Select(a => ($"`<{a.Name}>`", "required", a.Description))
                .Concat(command.Options.Where(o => o is not HelpOption && !o.Recursive).OrderByDescending(o => o.Required).Select(o => (
                    o.ValueType == typeof(bool) ? $"`{o.Name}`" : $"`{o.Name} <{Value(o)}>`",
                    o.Required ? "required" : o.HasDefaultValue && o.ValueType != typeof(bool) ? Default(o) : "",
                    o.Description))).ToList();
            if (rows.Count > 0)
            {
                text.AppendLine("| option | default | meaning |").AppendLine("|---|---|---|");
                rows.ForEach(r => text.AppendLine(CultureInfo.InvariantCulture, $"| {r.Item1} | {r.Item2} | {r.Description} |"));
                text.AppendLine();
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string Value(Option option)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        type = type.IsArray ? type.GetElementType()! : type;
        return type == typeof(string) ? option.Name.TrimStart('-') : "number";
    }

    // The name of the user who runs this is no default for the page.
    private static string Default(Option option) =>
        option.Name == "--by" ? "your user name" : $"`{Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)}`";
}
