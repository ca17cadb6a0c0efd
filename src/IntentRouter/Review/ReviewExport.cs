using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IntentRouter.Review;

/// <summary>Labelled utterances as training data: Rasa NLU YAML, or CSV <c>text,intent</c>. What is not labelled is left out.</summary>
internal static class ReviewExport
{
    public const string Csv = "csv";
    public const string Rasa = "rasa";

    public static string Write(string format, IEnumerable<ReviewItem> items)
    {
        var rows = items
            .Where(i => i is { State: ReviewState.Labelled, Label: not null })
            .Select(i => (Text: Plain(i.Text), Label: i.Label!))
            .Where(r => r.Text.Length > 0)
            .DistinctBy(r => r)
            .OrderBy(r => r.Label, StringComparer.Ordinal).ThenBy(r => r.Text, StringComparer.Ordinal)
            .ToArray();
        return format == Csv ? AsCsv(rows) : AsRasa(rows);
    }

    // A customer's words must be neither markup of an entity, nor a list mark, nor a formula in a spreadsheet.
    private static string Plain(string text) => text
        .TrimStart('=', '+', '-', '@', '*', '#', ' ').Trim()
        .Replace("](", "] (", StringComparison.Ordinal)
        .Replace("]{", "] {", StringComparison.Ordinal);

    /// <summary>CSV with the header <c>text,intent</c>.</summary>
    public static string AsCsv(IEnumerable<(string Text, string Label)> rows)
    {
        var csv = new StringBuilder("text,intent\n");
        foreach (var (text, label) in rows)
        {
            csv.Append(Quote(text)).Append(',').Append(Quote(label)).Append('\n');
        }

        return csv.ToString();
    }

    public static string Quote(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string AsRasa(IEnumerable<(string Text, string Label)> rows)
    {
        using var yaml = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(yaml);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        emitter.Emit(new MappingStart());
        emitter.Emit(new Scalar("version"));
        emitter.Emit(new Scalar(null, null, "3.1", ScalarStyle.DoubleQuoted, true, true));
        emitter.Emit(new Scalar("nlu"));
        emitter.Emit(new SequenceStart(null, null, true, SequenceStyle.Any));
        foreach (var intent in rows.GroupBy(r => r.Label))
        {
            emitter.Emit(new MappingStart());
            emitter.Emit(new Scalar("intent"));
            emitter.Emit(new Scalar(intent.Key));
            emitter.Emit(new Scalar("examples"));
            emitter.Emit(new Scalar(null, null, string.Concat(intent.Select(r => $"- {r.Text}\n")), ScalarStyle.Literal, true, false));
            emitter.Emit(new MappingEnd());
        }

        emitter.Emit(new SequenceEnd());
        emitter.Emit(new MappingEnd());
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return yaml.ToString();
    }
}
