using System.Text.RegularExpressions;

namespace IntentRouter.Tests;

/// <summary>What the operations' pages promise leads to a test that is there.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_complaint_is_linked_to_a_test_that_is_there()
    {
        const string page = "docs/operations/known-complaints.md";
        var links = Link().Matches(File.ReadAllText(Path.Combine(PublishedPage.Repository, page))).ToList();
        Assert.InRange(links.Count, 25, int.MaxValue);
        foreach (var link in links)
        {
            var file = Path.GetFullPath(Path.Combine(PublishedPage.Repository, Path.GetDirectoryName(page)!, link.Groups["path"].Value));
            Assert.True(File.Exists(file), $"{page} names {link.Groups["path"].Value}, which is not there.");
            var name = link.Groups["name"].Value.Replace(' ', '_').Replace("`", "", StringComparison.Ordinal);
            Assert.True(
                Regex.IsMatch(File.ReadAllText(file), $@"public (?:static )?(?:async )?(?:Task|void) {Regex.Escape(name)}\(", RegexOptions.None, TimeSpan.FromSeconds(5)),
                $"{page}: {Path.GetFileName(file)} has no test '{name}'.");
        }
    }

    [Fact]
    public void Every_promise_names_tests_that_are_there()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(PublishedPage.Repository, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        foreach (var row in File.ReadLines(Path.Combine(PublishedPage.Repository, "docs/operations/promises.md")).Where(l => l.StartsWith('|')).Skip(2))
        {
            var names = Named().Matches(row.Trim('|', ' ').Split(" | ")[2]).Select(m => m.Groups[1].Value.Split('/')[^1]).ToList();
            Assert.True(names.Count > 0 || row.Contains("transcripts", StringComparison.Ordinal), $"{row} names no test.");
            Assert.All(names, name => Assert.True(
                Directory.Exists(Path.Combine(PublishedPage.Repository, "tests", name)) || Directory.Exists(Path.Combine(PublishedPage.Repository, "tests", $"IntentRouter.{name}"))
                || sources.Exists(s => s.Contains($"class {name}", StringComparison.Ordinal) || s.Contains($" {name}(", StringComparison.Ordinal)),
                $"There is no test '{name}'."));
        }
    }

    [Fact]
    public void Every_known_complaint_has_a_state_and_a_test_or_a_reason()
    {
        var rows = File.ReadLines(Path.Combine(PublishedPage.Repository, "docs/operations/known-complaints.md")).Where(l => l.StartsWith('|')).Skip(2).Select(l => l.Trim('|', ' ').Split(" | ")).ToList();
        Assert.InRange(rows.Count, 25, int.MaxValue);
        Assert.All(rows, row =>
        {
            Assert.True(row[2] is "done" or "not applicable" or "open", $"{row[0]}: '{row[2]}' is no state.");
            Assert.True(row[2] == "done" ? row.Length > 4 && row[4].Contains("](", StringComparison.Ordinal) : row[3].Length > 20, $"{row[0]} has neither a test nor a reason.");
        });
    }

    [Fact]
    public void Every_log_message_has_a_number_of_its_own_and_a_line_on_the_page()
    {
        string[] places = ["src/IntentRouter", "adapters"];
        var numbers = places.SelectMany(p => Directory.EnumerateFiles(Path.Combine(PublishedPage.Repository, p), "*.cs", SearchOption.AllDirectories))
            .SelectMany(f => LogNumber().Matches(File.ReadAllText(f)).Select(m => $"{m.Groups["number"].Value} {m.Groups["level"].Value.ToLowerInvariant()}")).Order(StringComparer.Ordinal).ToList();
        var lines = File.ReadLines(Path.Combine(PublishedPage.Repository, "docs/operations/logs.md"))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries)).Where(c => c.Length > 4 && c[1].All(char.IsAsciiDigit)).Select(c => $"{c[1]} {c[2]}").Order(StringComparer.Ordinal).ToList();

        Assert.True(numbers.Count > 40);
        Assert.Equal(numbers, lines);
        Assert.Equal(numbers.Count, numbers.Select(n => n.Split(' ')[0]).Distinct().Count());
    }

    [Fact]
    public void Every_answer_to_an_event_is_on_the_page()
    {
        string[] files = ["WebhookEndpoints.cs", "ReceiveWebhook.cs", "EventIntake.cs"];
        var outcomes = files.Select(f => File.ReadAllText(Path.Combine(PublishedPage.Repository, "src/IntentRouter/Webhooks", f)))
            .SelectMany(s => AnswerOutcome().Matches(s)).Select(m => m.Groups["outcome"].Value).Distinct().ToList();
        var page = File.ReadAllText(Path.Combine(PublishedPage.Repository, "docs/http.md"));

        Assert.True(outcomes.Count > 15);
        Assert.All(outcomes.Where(o => o != "unreadable"), o => Assert.Contains($"`{o}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_link_on_a_page_leads_somewhere()
    {
        string[] places = ["docs", "samples", "adapters/template"];
        var pages = places.SelectMany(p => Directory.EnumerateFiles(Path.Combine(PublishedPage.Repository, p), "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(PublishedPage.Repository, "README.md")).ToList();
        var broken = new List<string>();
        foreach (var page in pages)
        {
            foreach (var target in MarkdownLink().Matches(CodeBlock().Replace(File.ReadAllText(page), "")).Select(m => m.Groups["target"].Value).Where(t => !t.Contains(':', StringComparison.Ordinal)))
            {
                var (path, anchor) = target.Split('#') is [var file, var place] ? (file, place) : (target, null);
                var full = path.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, path));
                if (!Path.Exists(full) || (anchor is not null && !Anchors(full).Contains(anchor)))
                {
                    broken.Add($"{Path.GetRelativePath(PublishedPage.Repository, page)}: {target}");
                }
            }
        }

        Assert.True(pages.Count > 20);
        Assert.Empty(broken);
    }

    /// <summary>As GitHub makes them from headings.</summary>
    private static HashSet<string> Anchors(string page) =>
        [.. File.ReadLines(page).Where(l => l.StartsWith('#')).Select(l => new string(
            [.. l.TrimStart('#').Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : c)]))];

    [GeneratedRegex(@"(?:WebhookAnswer\(\d+, |Nothing\(|\(null, )""(?<outcome>[a-z-]+)""")]
    private static partial Regex AnswerOutcome();

    [GeneratedRegex(@"LoggerMessage\(\s*(?<number>\d+),\s*LogLevel\.(?<level>\w+)")]
    private static partial Regex LogNumber();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex MarkdownLink();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`([A-Za-z0-9_./]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\]\((?<path>[^)]+\.cs)\)")]
    private static partial Regex Link();
}
