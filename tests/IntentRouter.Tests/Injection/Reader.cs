using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DotLiquid;
using Markdig;

namespace IntentRouter.Tests.Injection;

/// <summary>
/// Reads an outgoing text as the platform does: its template engine first, then a Markdown reader. Both are real. The engine is another one than ours, and lenient as the
/// platform's is: it runs what ours would refuse.
/// </summary>
internal static partial class Reader
{
    private static readonly MarkdownPipeline _markdown = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras().UseAutoIdentifiers().UseSoftlineBreakAsHardlineBreak().Build();

    /// <summary>What becomes of the text when the platform runs its templates: the same text, if nothing was in it.</summary>
    public static string Run(string text)
    {
        // As the platform does: code is put out of the engine's reach, and a text that cannot be parsed stays as it is.
        var shielded = Code().Replace(text, m => $"{{% raw %}}{m.Value}{{% endraw %}}");
        try
        {
            var contact = new Hash { ["email"] = Hostile.Canary, ["name"] = Hostile.Canary };
            return Template.Parse(shielded, SyntaxCompatibility.DotLiquid22a).Render(new Hash { ["contact"] = contact }, CultureInfo.InvariantCulture);
        }
        catch (DotLiquid.Exceptions.LiquidException)
        {
            return text;
        }
    }

    /// <summary>The elements in order, with where they lead; paragraphs and lines apart.</summary>
    public static string Structure(string text) =>
        string.Join(' ', Element().Matches(Markdown.ToHtml(text, _markdown)).Select(m => Query().Replace(m.Value, "?")).Where(e => e is not ("<p>" or "</p>" or "<br />")));

    /// <summary>What a person reads, without blanks and what takes no room.</summary>
    public static string Words(string text) => Bare(WebUtility.HtmlDecode(Element().Replace(Markdown.ToHtml(text, _markdown), "")));

    public static string Bare(string text) => new([.. text.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c)
        && CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.PrivateUse))]);

    [GeneratedRegex("`.*?`", RegexOptions.Singleline)]
    private static partial Regex Code();

    // A value is a part of the author's address; which one, is not structure.
    [GeneratedRegex("\\?[A-Za-z0-9%._~=-]*")]
    private static partial Regex Query();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Element();
}
