using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Dialogue.Transcripts;

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

    /// <summary>Plays it and returns what really happened, in the same form: equal to <see cref="Lines"/> when all went as written.</summary>
    public List<string> Play(SampleDesk desk)
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
                wanted.Enqueue(Lines[next]);
            }

            var effects = who switch
            {
                "customer" => desk.Says(what.Replace("{code}", desk.LastCode, StringComparison.Ordinal), entities, heard),
                "customer presses" => desk.Presses(what),
                "customer submits" => desk.Submits([.. what.Split(" | ", StringSplitOptions.TrimEntries).Select(v => v.Split('=', 2)).Select(v => new SubmittedValue(v[0].Trim(), null, v.Length > 1 ? v[1].Trim() : ""))]),
                "customer sends" => desk.Sends(what),
                "customer opens" => desk.OpensTheWidget(),
                "given" => Given(desk, what),
                _ => throw new FormatException($"{File}: '{Lines[i]}' is not a line of a transcript."),
            };
            played.AddRange(effects.SelectMany(Describe).Select(line => Settle(line, wanted)));
            if (effects.Count == 0 && who.StartsWith("customer", StringComparison.Ordinal))
            {
                played.Add("silence: " + desk.LastRule);
            }
        }

        return played;
    }

    private static bool Expected(string who) => who is "bot" or "buttons" or "cards" or "form" or "article" or "email" or "note" or "status" or "priority" or "assign" or "labels" or "attributes" or "action" or "code" or "starts" or "silence";

    private static List<Effect> Given(SampleDesk desk, string what)
    {
        foreach (var part in what.Split(" | ", StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split(' ', 2) is [var n, var v] ? (n, v) : (part, "");
            var facts = desk.Facts;
            switch (name)
            {
                case "email": desk.Facts = facts with { Contact = facts.Contact with { Email = value } }; break;
                case "name": desk.Facts = facts with { Contact = facts.Contact with { Name = value } }; break;
                case "language": desk.Facts = facts with { BrowserLanguage = value }; break;
                case "channel": desk.Facts = facts with { Channel = "Channel::" + value }; break;
                case "status": desk.Facts = facts with { Status = value.Length == 0 ? null : value }; break;
                case "timezone": desk.Facts = facts with { Contact = facts.Contact with { TimeZone = value } }; break;
                case "verified": desk.Facts = facts with { Contact = facts.Contact with { Verified = true } }; break;
                case "human": desk.Facts = facts with { HumanSteppedIn = value != "left" }; break;
                case "blocked": desk.Facts = facts with { Contact = facts.Contact with { Blocked = true } }; break;
                case "window-closed": desk.Facts = facts with { CanReply = false }; break;
                case "now": desk.Now = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture); break;
                case "lookups" when value.StartsWith("fail", StringComparison.Ordinal): desk.LookupsFail = Kebab.TryParse<LookupFailure>(value[5..], out var failure) ? failure : throw new FormatException(part); break;
                case "lookups": desk.LookupsFail = null; break;
                case "actions" when value.StartsWith("fail", StringComparison.Ordinal): desk.ActionsEnd = new ActionOutcome.Failed(LookupFailure.Refused); break;
                case "actions" when value.StartsWith("in-doubt", StringComparison.Ordinal): desk.ActionsEnd = new ActionOutcome.InDoubt(LookupFailure.TimedOut); break;
                default: throw new FormatException($"'{part}' cannot be given.");
            }
        }

        return [];
    }

    private static IEnumerable<string> Describe(Effect effect)
    {
        switch (effect)
        {
            case SendMessage message:
                if (message.Content.Length > 0)
                {
                    yield return "bot: " + message.Content;
                }

                if (message.ContentType != "text")
                {
                    var kind = message.ContentType switch { "input_select" => "buttons", "input_email" => "email", var other => other };
                    yield return $"{kind}: {Items(message.ContentAttributes?["items"] as JsonArray)}".TrimEnd();
                }

                break;
            case SendPrivateNote note: yield return "note: " + note.Content; break;
            case SetStatus status: yield return "status: " + status.Status; break;
            case SetPriority priority: yield return "priority: " + priority.Priority; break;
            case Assign assign: yield return $"assign: team {assign.TeamId} agent {assign.AgentId}".Replace("  ", " ", StringComparison.Ordinal).Trim(); break;
            case AddLabels labels: yield return "labels: " + string.Join(", ", labels.Labels); break;
            case SetAttributes attributes: yield return "attributes: " + string.Join(", ", attributes.Attributes.Select(a => $"{a.Key}={a.Value}")); break;
            case CallAction action: yield return $"action: {action.Action} {string.Join(" ", action.Arguments.Where(a => !a.Key.StartsWith("result_", StringComparison.Ordinal)).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"))}"; break;
            case SendCode code: yield return $"code: {code.Sender} {code.Address}"; break;
            case CreateConversation create: yield return "starts: " + create.Content; break;
            default: yield return effect.ToString()!; break;
        }
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
