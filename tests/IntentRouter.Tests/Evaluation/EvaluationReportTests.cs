using System.Xml.Linq;
using IntentRouter.Evaluation;

namespace IntentRouter.Tests.Evaluation;

public sealed class EvaluationReportTests
{
    private static readonly EvaluationReport _report = new(
        "data.csv",
        "shop",
        new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.Zero),
        [
            EvaluationMetrics.Measure("local", Utterances.Of("a > a:0.9 b:0.1 | a > b:0.8 | b > b:0.4 | - > a:0.3"), 0.5),
            EvaluationMetrics.Measure("<script>", Utterances.Of("a > a:0.9 | b > | - >"), 0.5) with { Notes = ["uncalibrated & loud"] },
        ],
        [new Bound("local", "accuracy", 0.9, 0.66, IsMost: false)]);

    [Fact]
    public void The_page_needs_no_script_and_no_other_file()
    {
        var page = HtmlReport.Write(_report);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_element_is_closed()
    {
        var body = HtmlReport.Write(_report).Replace("<!doctype html>", "", StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal);

        Assert.Equal("html", XDocument.Parse(body).Root!.Name.LocalName);
    }

    [Fact]
    public void Json_comes_back_as_it_went()
    {
        var back = EvaluationReport.FromJson(_report.ToJson())!;

        Assert.Equal(_report.ToJson(), back.ToJson());
        Assert.Contains("\"calibrationError\"", _report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_terminal_says_what_is_uncalibrated_and_which_bound_was_missed()
    {
        var text = TextReport.Write(_report);

        Assert.Contains("UNCALIBRATED", text, StringComparison.Ordinal);
        Assert.Contains("MISSED: local: accuracy is 0.66, asked for at least 0.9", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.9, 0.91, false, true)]
    [InlineData(0.9, 0.89, false, false)]
    [InlineData(0.05, 0.04, true, true)]
    [InlineData(0.05, 0.06, true, false)]
    [InlineData(0.5, null, false, false)]
    public void A_bound_holds_or_not(double asked, double? actual, bool isMost, bool holds) =>
        Assert.Equal(holds, new Bound("a", "x", asked, actual, isMost).Holds);
}
