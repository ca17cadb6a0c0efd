using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace IntentRouter.Console;

/// <summary>HTML that is what it says: made by <see cref="Html"/> and <see cref="Evaluation.HtmlReport"/>, which encode whatever is put into it.</summary>
internal sealed class Markup(string text)
{
    public static Markup None { get; } = new("");

    public override string ToString() => text;
}

/// <summary>Writes HTML from templates: every value in a hole is encoded, so that a customer's words stay words.</summary>
internal static class Html
{
    public static Markup Of(HtmlTemplate template) => new(template.ToString());

    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts));

    /// <summary>The template when there is something to show.</summary>
    public static Markup When(bool condition, Func<Markup> then) => condition ? then() : Markup.None;
}

/// <summary>The holes of a template: markup as it is, lists of markup one after the other, everything else encoded.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlTemplate(int literalLength, int holes)
{
    private readonly StringBuilder _text = new(literalLength + (16 * holes));

    public void AppendLiteral(string html) => _text.Append(html);

    public void AppendFormatted(Markup markup) => _text.Append(markup);

    public void AppendFormatted(IEnumerable<Markup> parts) => _text.AppendJoin(null, parts);

    public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public void AppendFormatted(double? value, string format) => AppendFormatted(value?.ToString(format, CultureInfo.InvariantCulture) ?? "–");

    public override string ToString() => _text.ToString();
}
