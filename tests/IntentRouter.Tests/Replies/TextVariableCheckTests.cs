using IntentRouter.Configuration;
using IntentRouter.Replies;
using IntentRouter.Tests.Decisions;

namespace IntentRouter.Tests.Replies;

/// <summary>What would otherwise fail in front of a customer is found before the start.</summary>
public sealed class TextVariableCheckTests
{
    [Theory]
    [InlineData("order.found", "{{ result.status }}", null)]
    [InlineData("order.found", "{{ slots.order_number }} {{ contact.name }} {{ hours.next | date }} {{ conversation.attributes.x }} {{ bot.name }}", null)]
    [InlineData("order.found", "{% for r in results %}{{ r.number }}{% endfor %}{% assign x = result.total %}{{ x }}", null)]
    [InlineData("order.found", "{{ slots.ordernumber }}", "There is no slot 'ordernumber' in found of the route order-status.")]
    [InlineData("order.found", "{% if slots.ordernumber %}x{% endif %}", "There is no slot 'ordernumber' in found of the route order-status.")]
    [InlineData("order.found", "{{ order.status }}", "There is no variable 'order'.")]
    [InlineData("order.found", "{{ hours.tomorrow }}", "There is no 'hours.tomorrow'.")]
    [InlineData("order.not_found", "{{ result.status }}", "There is no result in notFound of the route order-status.")]
    [InlineData("order.ask_number", "{{ result.status }}", "There is no result in the question for order_number (route order-status).")]
    [InlineData("order.ask_number", "{{ slot }} {{ attempt }} {{ limit }}", null)]
    [InlineData("hours", "{{ slots.order_number }}", "There are no slots in the reply of the intent hours.")]
    [InlineData("hours", "{{ attempt }}", "There is no variable 'attempt'.")]
    [InlineData("booking.confirm", "{{ slots.date | date }} {{ attempt }}", null)]
    [InlineData("booking.confirm", "{{ result.name }}", "There is no result in the confirmation of the route book-table.")]
    [InlineData("booking.done", "{{ result.id }}", null)]
    [InlineData("unused.by_anything", "{{ slots.x }} {{ result.y }}", null)]
    [InlineData("unused.by_anything", "{{ nonsense }}", "There is no variable 'nonsense'.")]
    public void A_variable_that_the_place_does_not_have_is_named(string key, string text, string? message)
    {
        var bot = DeskOfOne.Bot(routes: r =>
        {
            r["order-status"].Slots["order_number"].Ask = "order.ask_number";
            r["order-status"].Reply = new ReplyOptions { Found = new OutcomeOptions { Say = ["order.found"] }, NotFound = new OutcomeOptions { Say = ["order.not_found"] } };
            r["book-table"].Confirm = "booking.confirm";
        });
        var texts = TextCatalog.From("en", new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = new Dictionary<string, string> { [key] = text } });
        var options = new RouterOptions { Routes = bot.Routes.ToDictionary() };

        var problems = TextVariableCheck.Run(options, bot.Options, texts).ToList();

        Assert.Equal(message, problems.Select(p => p.Message).SingleOrDefault());
        Assert.All(problems, p => Assert.NotEqual("", p.Remedy));
    }

    [Fact]
    public void A_language_whose_dates_nobody_reads_is_refused_unless_an_engine_does()
    {
        var bot = DeskOfOne.Bot(o => o.Languages = ["en", "ja"]);
        var options = new RouterOptions { Routes = bot.Routes.ToDictionary() };

        var problems = TextVariableCheck.Run(options, bot.Options, TextCatalog.Empty).ToList();

        Assert.Equal(["routes:book-table:slots:date:type", "routes:book-table:slots:time:type"], problems.Select(p => p.Path));
        Assert.All(problems, p => Assert.Contains("cannot be read in 'ja'", p.Message, StringComparison.Ordinal));

        bot.Routes["book-table"].Slots["date"].Entity = "date";
        bot.Routes["book-table"].Slots["time"].Entity = "time";
        Assert.Empty(TextVariableCheck.Run(options, bot.Options, TextCatalog.Empty));
    }
}
