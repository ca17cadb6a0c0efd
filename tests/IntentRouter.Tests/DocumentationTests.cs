using System.Text.RegularExpressions;

namespace IntentRouter.Tests;

/// <summary>What the operations' pages promise leads to a test that is there.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string _root = Root();

    [Fact]
    public void Every_complaint_is_linked_to_a_test_that_is_there()
    {
        const string page = "docs/operations/known-complaints.md";
        var links = Link().Matches(File.ReadAllText(Path.Combine(_root, page))).ToList();
        Assert.InRange(links.Count, 25, int.MaxValue);
        foreach (var link in links)
        {
            var file = Path.GetFullPath(Path.Combine(_root, Path.GetDirectoryName(page)!, link.Groups["path"].Value));
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
        var sources = Directory.EnumerateFiles(Path.Combine(_root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        foreach (var row in File.ReadLines(Path.Combine(_root, "docs/operations/promises.md")).Where(l => l.StartsWith('|')).Skip(2))
        {
            var names = Named().Matches(row.Trim('|', ' ').Split(" | ")[2]).Select(m => m.Groups[1].Value.Split('/')[^1]).ToList();
            Assert.True(names.Count > 0 || row.Contains("transcripts", StringComparison.Ordinal), $"{row} names no test.");
            Assert.All(names, name => Assert.True(
                Directory.Exists(Path.Combine(_root, "tests", name)) || Directory.Exists(Path.Combine(_root, "tests", $"IntentRouter.{name}"))
                || sources.Exists(s => s.Contains($"class {name}", StringComparison.Ordinal) || s.Contains($" {name}(", StringComparison.Ordinal)),
                $"There is no test '{name}'."));
        }
    }

    [Fact]
    public void Every_known_complaint_has_a_state_and_a_test_or_a_reason()
    {
        var rows = File.ReadLines(Path.Combine(_root, "docs/operations/known-complaints.md")).Where(l => l.StartsWith('|')).Skip(2).Select(l => l.Trim('|', ' ').Split(" | ")).ToList();
        Assert.InRange(rows.Count, 25, int.MaxValue);
        Assert.All(rows, row =>
        {
            Assert.True(row[2] is "done" or "not applicable" or "open", $"{row[0]}: '{row[2]}' is no state.");
            Assert.True(row[2] == "done" ? row.Length > 4 && row[4].Contains("](", StringComparison.Ordinal) : row[3].Length > 20, $"{row[0]} has neither a test nor a reason.");
        });
    }

    private static string Root()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "IntentRouter.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("The repository was not found above the tests.");
    }

    [GeneratedRegex("`([A-Za-z0-9_./]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\]\((?<path>[^)]+\.cs)\)")]
    private static partial Regex Link();
}
