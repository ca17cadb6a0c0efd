using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.Decisions;

namespace IntentRouter.Tests.Dialogue.Transcripts;

/// <summary>Where a conversation is played. What happens there is told in the form of a transcript's lines.</summary>
internal interface ITranscriptDesk
{
    /// <summary>The last one-time code, for a customer who types it.</summary>
    string? LastCode { get; }

    /// <summary>Kinds of lines that cannot be seen here: left out of the comparison.</summary>
    IReadOnlyCollection<string> Unseen { get; }

    /// <exception cref="FormatException">It cannot be given here.</exception>
    void Given(string name, string value);

    Task<IReadOnlyList<string>> SaysAsync(string text, IReadOnlyList<Entity> entities, IReadOnlyList<(string Intent, double Probability)> heard);

    Task<IReadOnlyList<string>> SendsAsync(string fileType);

    Task<IReadOnlyList<string>> PressesAsync(string title);

    Task<IReadOnlyList<string>> SubmitsAsync(IReadOnlyList<SubmittedValue> values);

    Task<IReadOnlyList<string>> OpensTheWidgetAsync();
}

/// <summary>
/// A written conversation, played line by line against a sample bot. What the customer does, and what was heard, are the stage; everything else is what the
/// bot must do: all of it, in this order. Written out in samples/README.md.
/// </summary>
internal sealed class Transcript
{
    public required string File { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<string> Lines { get; init; }

    public static IEnumerable<Transcript> Read(string file)
    {
        string? title = null;
        var lines = new List<string>();
        var blank = 0;
        foreach (var line in System.IO.File.ReadLines(file).Append("## end"))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                if (title is not null)
                {
                    yield return new Transcript { File = Path.GetFileName(file), Title = title, Lines = [.. lines] };
                }

                title = line[3..].Trim();
                lines.Clear();
                blank = 0;
            }
            else if (line.Trim().Length == 0)
            {
                blank++;
            }
            else if (title is not null && !line.StartsWith('#'))
            {
                // A line that begins with spaces goes on with the one before.
                if (line.StartsWith("  ", StringComparison.Ordinal) && lines.Count > 0)
                {
                    lines[^1] += new string('\n', blank + 1) + line[2..];
                }
                else
                {
                    lines.Add(line.TrimEnd());
                }

                blank = 0;
            }
        }
    }

    /// <summary>The conversations of all samples: sample, file, title.</summary>
    public static TheoryData<string, string, string> Titles(string samples, Func<Transcript, bool> which)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var file in Directory.EnumerateFiles(samples, "*.transcript", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var transcript in Read(file).Where(which))
            {
                data.Add(Path.GetRelativePath(samples, file).Split(Path.DirectorySeparatorChar)[0], transcript.File, transcript.Title);
            }
        }

        return data;
    }

    public static Transcript Find(string samples, string sample, string file, string title) =>
        Read(Path.Combine(samples, sample, "conversations", file)).Single(t => t.Title == title);

    /// <summary>Plays it, and fails with what happened instead.</summary>
    public async Task AssertAsync(ITranscriptDesk desk)
    {
        var played = await PlayAsync(desk);
        if (!SeenBy(desk).SequenceEqual(played))
        {
            Assert.Fail($"{File}, {Title}. Instead it went:\n\n{string.Join("\n", played)}\n");
        }
    }

    /// <summary>What a desk can see of it.</summary>
    public IReadOnlyList<string> SeenBy(ITranscriptDesk desk) => [.. Lines.Where(l => !desk.Unseen.Contains(Split(l).Who))];

    /// <summary>Plays it and returns what really happened, in the same form: equal to <see cref="SeenBy"/> when all went as written.</summary>
    public async Task<List<string>> PlayAsync(ITranscriptDesk desk)
    {
        var played = new List<string>();
        var wanted = new Queue<string>();
        for (var i = 0; i < Lines.Count; i++)
        {
            var (who, what) = Split(Lines[i]);
            if (Expected(who))
            {
                continue;
            }

            played.Add(Lines[i]);
            var heard = Array.Empty<(string, double)>();
            var entities = new List<Entity>();
            while (i + 1 < Lines.Count && Split(Lines[i + 1]) is ("heard" or "entity", var said))
            {
                played.Add(Lines[++i]);
                if (Split(Lines[i]).Who == "heard")
                {
                    heard = [.. said.Split(',', StringSplitOptions.TrimEntries).Select(h => h.Split(' ')).Select(h => (h[0], h.Length > 1 ? double.Parse(h[1], CultureInfo.InvariantCulture) : 0))];
                }
                else
                {
                    var at = said.IndexOf('=', StringComparison.Ordinal);
                    entities.Add(new Entity(said[..at].Trim(), said[(at + 1)..].Trim()));
                }
            }

            wanted.Clear();
            for (var next = i + 1; next < Lines.Count && Expected(Split(Lines[next]).Who); next++)
            {
                if (!desk.Unseen.Contains(Split(Lines[next]).Who))
                {
                    wanted.Enqueue(Lines[next]);
                }
            }

            var happened = who switch
            {
                "customer" => await desk.SaysAsync(what.Replace("{code}", desk.LastCode, StringComparison.Ordinal), entities, heard),
                "customer presses" => await desk.PressesAsync(what),
                "customer submits" => await desk.SubmitsAsync([.. what.Split(" | ", StringSplitOptions.TrimEntries).Select(v => v.Split('=', 2)).Select(v => new SubmittedValue(v[0].Trim(), null, v.Length > 1 ? v[1].Trim() : ""))]),
                "customer sends" => await desk.SendsAsync(what),
                "customer opens" => await desk.OpensTheWidgetAsync(),
                "given" => Given(desk, what),
                _ => throw new FormatException($"{File}: '{Lines[i]}' is not a line of a transcript."),
            };
            played.AddRange(happened.Where(line => !desk.Unseen.Contains(Split(line).Who)).Select(line => Settle(line, wanted)));
        }

        return played;
    }

    /// <summary>A message of the bot as lines.</summary>
    public static IEnumerable<string> Message(string content, string contentType, JsonNode? items)
    {
        if (content.Length > 0)
        {
            yield return "bot: " + content;
        }

        if (contentType != "text")
        {
            var kind = contentType switch { "input_select" => "buttons", "input_email" => "email", var other => other };
            yield return $"{kind}: {Items(items as JsonArray)}".TrimEnd();
        }
    }

    private static bool Expected(string who) => who is "bot" or "buttons" or "cards" or "form" or "article" or "email" or "note" or "status" or "priority" or "assign" or "labels" or "attributes" or "action" or "code" or "starts" or "silence";

    private static string[] Given(ITranscriptDesk desk, string what)
    {
        foreach (var part in what.Split(" | ", StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split(' ', 2) is [var n, var v] ? (n, v) : (part, "");
            desk.Given(name, value);
        }

        return [];
    }

    private static string Items(JsonArray? items)
    {
        var result = new StringBuilder();
        foreach (var item in items?.OfType<JsonObject>() ?? [])
        {
            result.Append(result.Length > 0 ? " | " : "").Append(item["title"] ?? item["label"] ?? item["name"]);
            if (item["description"] is { } description)
            {
                result.Append(" (").Append(description).Append(')');
            }

            foreach (var action in (item["actions"] as JsonArray)?.OfType<JsonObject>() ?? [])
            {
                result.Append(" [").Append(action["text"]).Append("] ").Append(action["uri"] ?? action["payload"]);
            }
        }

        return result.ToString();
    }

    // A written line may name only what matters: "note: ~ words" asks for these words in the note, "attributes: *" for any.
    private static string Settle(string actual, Queue<string> wanted)
    {
        if (!wanted.TryPeek(out var line) || Split(line).Who != Split(actual).Who)
        {
            return actual;
        }

        wanted.Dequeue();
        var (who, what) = Split(line);
        if (what == "*")
        {
            return line;
        }

        if (what.StartsWith("~ ", StringComparison.Ordinal))
        {
            var text = Split(actual).What;
            return what[2..].Split(" … ").All(w => text.Contains(w.Trim(), StringComparison.Ordinal)) ? line : actual;
        }

        return actual;
    }

    private static (string Who, string What) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (line.Trim(), "") : (line[..colon].Trim(), line[(colon + 1)..].Trim());
    }
}
