using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Decisions;
using IntentRouter.Review;

namespace IntentRouter.Evaluation;

/// <summary>One evaluation of one or several adapters, as it is printed, written and shown.</summary>
/// <param name="Data">The files.</param>
internal sealed record EvaluationReport(string Data, string Bot, DateTimeOffset At, IReadOnlyList<EvaluationResult> Results, IReadOnlyList<Bound> Bounds)
{
    public const string JsonFile = "report.json";
    public const string HtmlFile = "report.html";
    public const string AnswersFile = "answers.csv";

    /// <summary>Where the store keeps each bot's latest report, for the console.</summary>
    public const string Area = "evaluation";

    /// <summary>Of its JSON: a report of 150 intents and three adapters has a tenth of that.</summary>
    public const int MostCharacters = 4_000_000;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public string ToJson() => JsonSerializer.Serialize(this, _json);

    public static EvaluationReport? FromJson(string json) => JsonSerializer.Deserialize<EvaluationReport>(json, _json);

    /// <summary>Reads what another version or anybody may have written; null when it is no whole report.</summary>
    public static EvaluationReport? TryRead(string json)
    {
        try
        {
            return json.Length <= MostCharacters && FromJson(json) is { Data: not null, Bot: not null, Bounds: not null, Results: { Count: > 0 } results } report && results.All(IsWhole)
                ? report
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsWhole(EvaluationResult? result) =>
        result is { Adapter: not null, Intents: not null, Confusions: not null, Reliability: not null, Curve.Count: 100, Decisions: not null, Failures: not null, Notes: not null };

    /// <summary>Writes the report for people, for machines, and every single answer.</summary>
    /// <returns>What was written, in words.</returns>
    public string Write(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, JsonFile), ToJson());
        File.WriteAllText(Path.Combine(directory, HtmlFile), HtmlReport.Write(this));
        File.WriteAllText(Path.Combine(directory, AnswersFile), Answers());
        return $"The report is in {Path.Combine(directory, HtmlFile)} and {JsonFile}, every answer in {AnswersFile}.";
    }

    private string Answers()
    {
        var csv = new StringBuilder("adapter,text,intent,first,confidence,raw,right,decision,milliseconds,failure\n");
        foreach (var result in Results)
        {
            foreach (var one in result.Judged)
            {
                var best = one.Best is null ? null : one.Ranking[0];
                csv.AppendJoin(',', ReviewExport.Quote(result.Adapter), ReviewExport.Quote(one.Text), ReviewExport.Quote(one.Expected), ReviewExport.Quote(one.Best ?? ""))
                    .Append(CultureInfo.InvariantCulture, $",{best?.Probability},{best?.Raw},{(one.IsRight ? "yes" : "no")},{one.Decision}")
                    .Append(CultureInfo.InvariantCulture, $",{(one.Remembered ? null : one.Duration.TotalMilliseconds):0.###},{(one.Failure is { } failure ? Kebab.Of(failure) : "")}\n");
            }
        }

        return csv.ToString();
    }
}

/// <summary>A figure that must not be worse than asked for, for CI.</summary>
/// <param name="Actual">Null when the data has nothing to measure it on: the bound is then missed.</param>
internal sealed record Bound(string Adapter, string Name, double Asked, double? Actual, bool IsMost)
{
    public bool Holds => Actual is { } actual && (IsMost ? actual <= Asked : actual >= Asked);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Adapter}: {Name} is {(Actual is { } a ? a.ToString("0.####", CultureInfo.InvariantCulture) : "not measurable on this data")}, asked for {(IsMost ? "at most" : "at least")} {Asked:0.####}");
}
