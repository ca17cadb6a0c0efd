using System.Text;

namespace IntentRouter.Playground;

/// <summary>
/// The platform runs outgoing text through its template engine. This small pass does the same to variables, string literals and raw blocks,
/// and reports what it ran, so that a test can see customer text being executed. Text between backticks is exempt, and a text
/// that the engine cannot parse stays as it is.
/// </summary>
internal static class LiquidPass
{
    public static (string Text, IReadOnlyList<string> Executed) Run(string text, PlaygroundMessage message)
    {
        if (!text.Contains("{{", StringComparison.Ordinal) && !text.Contains("{%", StringComparison.Ordinal))
        {
            return (text, []);
        }

        var executed = new List<string>();
        var result = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '`')
            {
                var end = EndOfCode(text, at);
                result.Append(text, at, end - at);
                at = end;
            }
            else if (Starts(text, at, "{{") && text.IndexOf("}}", at, StringComparison.Ordinal) is var close && close >= 0)
            {
                result.Append(Value(text[(at + 2)..close].Trim(' ', '-'), message, executed));
                at = close + 2;
            }
            else if (Starts(text, at, "{%") && text.IndexOf("%}", at, StringComparison.Ordinal) is var end && end >= 0)
            {
                var tag = text[(at + 2)..end].Trim(' ', '-');
                at = end + 2;
                if (tag == "raw" && EndRaw(text, at) is { } raw)
                {
                    result.Append(text, at, raw.Start - at);
                    at = raw.After;
                }
                else
                {
                    executed.Add(tag);
                }
            }
            else if (Starts(text, at, "{{") || Starts(text, at, "{%"))
            {
                return (text, []);
            }
            else
            {
                result.Append(text[at++]);
            }
        }

        return (result.ToString(), executed);
    }

    private static string Value(string expression, PlaygroundMessage message, List<string> executed)
    {
        var bare = expression.Split('|', 2)[0].Trim();
        if (bare is ['\'', .., '\''] or ['"', .., '"'])
        {
            return bare[1..^1];
        }

        executed.Add(expression);
        var conversation = message.Conversation;
        var contact = conversation.Customer.Contact;
        return bare switch
        {
            "contact.name" => contact.Name,
            "contact.first_name" => contact.Name.Split(' ', 2)[0],
            "contact.email" => contact.Email ?? "",
            "contact.phone_number" => contact.PhoneNumber ?? "",
            "agent.name" => (message.User ?? conversation.Assignee)?.Name ?? "",
            "conversation.display_id" => conversation.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "inbox.name" => conversation.Inbox.Name,
            "account.name" => conversation.Account.Name,
            _ => "",
        };
    }

    private static int EndOfCode(string text, int at)
    {
        var fence = Starts(text, at, "```") ? "```" : "`";
        var close = text.IndexOf(fence, at + fence.Length, StringComparison.Ordinal);
        return close < 0 ? at + fence.Length : close + fence.Length;
    }

    private static (int Start, int After)? EndRaw(string text, int from)
    {
        for (var at = text.IndexOf("{%", from, StringComparison.Ordinal); at >= 0; at = text.IndexOf("{%", at + 2, StringComparison.Ordinal))
        {
            var end = text.IndexOf("%}", at, StringComparison.Ordinal);
            if (end > at && text[(at + 2)..end].Trim(' ', '-') == "endraw")
            {
                return (at, end + 2);
            }
        }

        return null;
    }

    private static bool Starts(string text, int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;
}
