using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Evaluation;

/// <summary>Judged utterances in a line: <c>refund > refund:0.9 order:0.2 | - > order:0.3</c>; <c>-</c> is out of scope, nothing after the arrow is no match.</summary>
internal static class Utterances
{
    public static IReadOnlyList<JudgedUtterance> Of(string text) => [.. text.Split('|').Select(One)];

    public static Bot Bot(params string[] intents) => new()
    {
        Name = "shop",
        Options = new BotOptions { Intents = intents.ToDictionary(i => i, i => new IntentOptions { Reply = i }) },
        Routes = new Dictionary<string, RouteOptions>(),
        Texts = TextCatalog.Load("en", [], []),
    };

    private static JudgedUtterance One(string text)
    {
        var sides = text.Split('>');
        var expected = sides[0].Trim();
        var ranking = sides[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => c.Split(':')).Select(c =>
        {
            double? confidence = c[1] == "?" ? null : double.Parse(c[1], CultureInfo.InvariantCulture);
            return new RankedIntent(c[0], confidence, confidence);
        });
        return new JudgedUtterance("words", expected == "-" ? JudgedUtterance.OutOfScope : expected, [.. ranking]);
    }
}
