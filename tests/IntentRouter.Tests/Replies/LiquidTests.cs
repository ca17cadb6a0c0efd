using System.Globalization;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Replies;

/// <summary>What texts can rely on, whatever the engine: above all that no customer reads a wrong amount, an empty sentence or the wrong branch.</summary>
public sealed class LiquidTests
{
    private static readonly Dictionary<string, object?> _variables = new()
    {
        ["slots"] = new Dictionary<string, object?> { ["guests"] = "2", ["empty"] = "", ["note"] = null },
        ["contact"] = new Dictionary<string, object?> { ["name"] = null },
        ["hours"] = new Dictionary<string, object?> { ["open"] = false, ["next"] = new DateTimeOffset(2026, 10, 9, 7, 0, 0, TimeSpan.Zero) },
        ["result"] = new Dictionary<string, object?>
        {
            ["status"] = "shipped",
            ["eta"] = null,
            ["total"] = 1234.50m,
            ["cents"] = 1250m,
            ["stock"] = 0m,
            ["written"] = "5",
            ["comma"] = "12,50",
            ["flag"] = true,
            ["off"] = false,
            ["blank"] = "  ",
            ["words"] = "hello wORLD",
            ["none"] = new List<object?>(),
            ["Carrier"] = "DHL",
        },
        ["results"] = new List<object?> { new Dictionary<string, object?> { ["status"] = "shipped" }, new Dictionary<string, object?> { ["status"] = "paid" } },
        ["x"] = new string('x', 20_000),
    };

    [Theory]
    [InlineData("{{ result.total }} {{ 3.10 }} {{ result.total | plus: 0.1 }}", "1234.5 3.1 1234.6", "1234,5 3,1 1234,6")]
    [InlineData("{{ result.total | ceil }} {{ result.total | floor }} {{ 2.5 | round }} {{ 3.456 | round: 2 }}", "1235 1234 3 3.46", "1235 1234 3 3,46")]
    [InlineData("{{ result.cents | divided_by: 100 }} {{ result.written | divided_by: 2 }} {{ result.written | times: 3 }}", "12.5 2.5 15", "12,5 2,5 15")]
    [InlineData("{{ result.total | money: 'EUR' }} {{ result.comma | money: 'EUR' }}", "€1,234.50 12,50", "1.234,50 € 12,50")]
    [InlineData("{% if result.total == 1234.5 %}same{% endif %}", "same", "same")]
    [InlineData("{{ hours.next | date }}, {{ hours.next | time }}", "Friday, 9 October, 09:00", "Freitag, 9. Oktober, 09:00")]
    public void Numbers_and_dates_are_right_in_every_language(string text, string english, string german)
    {
        Assert.Equal(english, Said(text, "en-GB"));
        Assert.Equal(german, Said(text, "de-DE"));
    }

    [Theory]
    [InlineData("result.written == 5", true)]
    [InlineData("result.stock == '0'", true)]
    [InlineData("result.flag == 'true'", true)]
    [InlineData("slots.guests == 2", true)]
    [InlineData("slots.guests != 2", false)]
    [InlineData("slots.guests <> 3", true)]
    [InlineData("slots.guests > 1", true)]
    [InlineData("result.status == 'Shipped'", false)]
    [InlineData("result.status contains 'ship'", true)]
    [InlineData("result.stock", true)]
    [InlineData("slots.empty", true)]
    [InlineData("slots.empty == empty", true)]
    [InlineData("slots.empty == blank", true)]
    [InlineData("result.blank == blank", true)]
    [InlineData("result.blank == empty", false)]
    [InlineData("result.none == empty", true)]
    [InlineData("result.none.size == 0", true)]
    [InlineData("result.eta", false)]
    [InlineData("result.eta == nil", true)]
    [InlineData("result.eta == blank", true)]
    [InlineData("result.eta == 'tomorrow'", false)]
    [InlineData("result.eta != 'tomorrow'", true)]
    [InlineData("result.off", false)]
    [InlineData("result.missing", false)]
    [InlineData("contact.plan == 'gold'", false)]
    [InlineData("result.flag or result.off and result.off", true)]
    [InlineData("result.off and result.off or result.flag", false)]
    public void Conditions_are_read_as_liquid_reads_them(string condition, bool holds)
    {
        Assert.Equal(holds ? "yes" : "no", Said($"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"));
        Assert.Equal(holds ? "no" : "yes", Said($"{{% unless {condition} %}}yes{{% else %}}no{{% endunless %}}"));
    }

    [Theory]
    [InlineData("{% case slots.guests %}{% when 2 %}two{% else %}other{% endcase %}", "two")]
    [InlineData("{% case result.stock %}{% when '0' %}none{% else %}other{% endcase %}", "none")]
    [InlineData("{% case result.flag %}{% when 'true' %}yes{% else %}other{% endcase %}", "yes")]
    [InlineData("{% case result.status %}{% when 'paid', 'shipped' %}there{% else %}other{% endcase %}", "there")]
    [InlineData("{% case result.eta %}{% when 'today' %}there{% else %}other{% endcase %}", "other")]
    [InlineData("{% case result.status -%}\n {% when 'shipped' -%} on its way {%- else -%} x {%- endcase %}.", "on its way.")]
    [InlineData("  {{- result.status -}}  |", "shipped|")]
    [InlineData("a {%- if true -%} b {%- endif -%} c", "abc")]
    [InlineData("a {% if true %} b {% endif %} c", "a  b  c")]
    [InlineData("{% for r in results %}{{ r.status }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "shipped, paid")]
    [InlineData("{% for r in results reversed limit: 1 %}{{ r.status }}{% endfor %}", "shipped")]
    [InlineData("{% for r in result.none %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for i in (1..3) %}{{ i }}{% endfor %}", "123")]
    [InlineData("{% for r in results %}{% if r.status == 'paid' %}{% break %}{% endif %}{{ r.status }}{% endfor %}", "shipped")]
    [InlineData("{{ results.first.status }} {{ results[1].status }} {{ results | map: 'status' | join: '+' }} {{ results.size }} {{ results | count }}", "shipped paid shipped+paid 2 2")]
    [InlineData("{{ result.words | capitalize }} {{ result.words | truncatewords: 1 }} {{ result.words | split: ' ' | last }}", "Hello world hello... wORLD")]
    [InlineData("{{ result.carrier }} {{ Result.CARRIER }}", "DHL DHL")]
    [InlineData("{{ result.blank | default: 'd' }}{{ slots.empty | default: 'd' }}{{ slots.note | default: 'd' }}{{ slots.nowhere | default: 'd' }}{{ result.off | default: 'd' }}{{ result.stock | default: 'd' }}", "ddddd0")]
    [InlineData("{{ result.flag }} {{ result.off }}", "true false")]
    [InlineData("{% comment %}{{ nonsense }}{% endcomment %}x", "x")]
    [InlineData("a }} b { c", "a }} b { c")]
    [InlineData("{{ 'x}}y' }}", "x}}y")]
    public void Tags_and_filters_do_what_liquid_says(string text, string said) => Assert.Equal(said, TextTemplate.Parse(text).Render(Scope("en-GB"), TextForm.Plain).Replace("\u200B", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("Arrives {{ result.eta }}.", "the variable 'result.eta' has no value")]
    [InlineData("Arrives {{ result.eta | date }}.", "the variable 'result.eta' has no value")]
    [InlineData("{% assign x = result.eta %}Arrives {{ x }}.", "the variable 'x' has no value")]
    [InlineData("{{ slots.note }}", "the variable 'slots.note' has no value")]
    [InlineData("{{ result.stauts }}", "the variable 'result.stauts' has no value")]
    [InlineData("{% if result.stauts == 'cancelled' %}Cancelled{% else %}On its way{% endif %}", "the variable 'result.stauts' has no value")]
    [InlineData("{% case result.stauts %}{% when 'cancelled' %}Cancelled{% else %}On its way{% endcase %}", "the variable 'result.stauts' has no value")]
    [InlineData("{% for r in result.lines %}x{% else %}none{% endfor %}", "the variable 'result.lines' has no value")]
    [InlineData("{{ result.total | money: result.currncy }}", "the variable 'result.currncy' has no value")]
    [InlineData("{{ result }}", "the variable 'result' has no value")]
    [InlineData("{{ results[7].status }}", "the variable 'results[7].status' has no value")]
    [InlineData("{{ result.total | divided_by: 0 }}", "DivideByZeroException")]
    [InlineData("{{ result.status | times: 2 }}", "FormatException")]
    [InlineData("{{ result.comma | times: 2 }}", "FormatException")]
    [InlineData("{{ result.total | plus: result.status }}", "FormatException")]
    public void A_text_that_would_mislead_is_not_said(string text, string why) => Assert.Equal(why, Assert.Throws<TextRenderException>(() => Said(text)).Message);

    [Theory]
    [InlineData("Hello\n{% if result.status = 'paid' %}x{% endif %}", "Invalid 'if' tag (line 2, column 6 of the text).")]
    [InlineData("{% if result.status && result.total %}x{% endif %}", "Invalid 'if' tag (line 1, column 6 of the text).")]
    [InlineData("{{ result.status", "End of tag '}}' was expected (line 1, column 17 of the text).")]
    [InlineData("{% if result.status %}open", "'{% endif %}' was expected (line 1, column 27 of the text).")]
    [InlineData("{{ result.status | }}", "An identifier was expected after the '|' sign (line 1, column 19 of the text).")]
    [InlineData("x{% endif %}", null)]
    [InlineData("{{ result.status result.total }}", null)]
    [InlineData("{{ result.status | shout }}", "The filter 'shout' does not exist.")]
    [InlineData("{% if result.status %}{{ 'a' | append: 'b' | shout }}{% endif %}", "The filter 'shout' does not exist.")]
    [InlineData("{{ result.status | json }}", "The filter 'json' does not exist.")]
    [InlineData("{{ result.status | raw }}", "The filter 'raw' does not exist.")]
    [InlineData("{% render 'a' %}", "The tag 'render' is not available in texts; available are if, unless, case, for, assign, capture and comment.")]
    [InlineData("{% liquid echo 'a' %}", "The tag 'liquid' is not available in texts; available are if, unless, case, for, assign, capture and comment.")]
    [InlineData("{{ results[(1..9)] }}", "What stands in brackets is a number, a text or a variable.")]
    public void What_is_wrong_is_said_before_the_start_with_its_place(string text, string? message)
    {
        var failed = Assert.Throws<FormatException>(() => TextTemplate.Parse(text));
        Assert.True(message is null || message == failed.Message, failed.Message);
    }

    [Theory]
    [InlineData("{% for i in (1..1000000000) %}{% endfor %}")]
    [InlineData("{% for i in (1..900) %}{% for j in (1..900) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in (1..900) %}{% assign x = x | append: x %}{% endfor %}")]
    [InlineData("{% for i in (1..900) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}")]
    [InlineData("{{ x | replace: 'x', x }}")]
    [InlineData("{% assign l = x | split: '' %}{{ l | join: x }}")]
    [InlineData("{{ x }}{{ x }}")]
    public void A_text_cannot_cost_or_grow_without_bounds(string text) => Assert.Equal("the text grew out of bounds", Assert.Throws<TextRenderException>(() => Said(text)).Message);

    [Theory]
    [InlineData("{% if true %}", 1_500, "")]
    [InlineData("{{ a", 1, "(")]
    [InlineData("{{ a", 1, "[a")]
    [InlineData("{{ a", 1, " | upcase")]
    [InlineData("{% if a", 1, " and a")]
    [InlineData("{{ a[", 1, "a[")]
    public void A_text_cannot_use_up_the_stack(string open, int times, string link)
    {
        var text = string.Concat(Enumerable.Repeat(open, times)) + string.Concat(Enumerable.Repeat(link, link.Length == 0 ? 0 : 19_000 / link.Length));
        Exception? thrown = null;
        var small = new Thread(() => thrown = Record.Exception(() => TextTemplate.Parse(text)), 256 * 1024);
        small.Start();
        small.Join();

        Assert.IsType<FormatException>(thrown);
    }

    [Fact]
    public void The_longest_chains_and_the_deepest_blocks_that_are_taken_fit_on_a_small_stack()
    {
        var chain = "{{ result.words" + string.Concat(Enumerable.Repeat("|upcase", 140)) + " }}";
        var ands = "{% if true" + string.Concat(Enumerable.Repeat(" and true", 108)) + " %}{% endif %}";
        var blocks = string.Concat(Enumerable.Repeat("{% if true %}", 30)) + "{{ results[results[results[results[results[0]]]]].nowhere | default: 'x' }}" + string.Concat(Enumerable.Repeat("{% endif %}", 30));
        var said = "";
        Exception? thrown = null;
        var small = new Thread(() => thrown = Record.Exception(() => said = Said(chain + ands + blocks)), 512 * 1024);
        small.Start();
        small.Join();

        Assert.Null(thrown);
        Assert.Equal("HELLO WORLDx", said);
    }

    [Theory]
    [InlineData("{{ a }}")]
    [InlineData("{% if true %}{{ a }}{% endif %}")]
    [InlineData("{% if false %}{% elsif true %}{{ a }}{% endif %}")]
    [InlineData("{% if false %}{% else %}{{ a }}{% endif %}")]
    [InlineData("{% unless false %}{{ a }}{% endunless %}")]
    [InlineData("{% unless true %}{% else %}{{ a }}{% endunless %}")]
    [InlineData("{% case a %}{% when 'y' %}{% else %}{{ a }}{% endcase %}")]
    [InlineData("{% case 1 %}{% when 1 %}{{ a }}{% endcase %}")]
    [InlineData("{% for i in (1..1) %}{{ a }}{% endfor %}")]
    [InlineData("{% for i in none %}{% else %}{{ a }}{% endfor %}")]
    [InlineData("{% for i in list %}{{ i }}{% endfor %}")]
    [InlineData("{% capture c %}{{ a }}{% endcapture %}{{ c }}")]
    [InlineData("{% assign c = a %}{{ c }}")]
    [InlineData("{{ list }}")]
    [InlineData("{{ list | join: a }}")]
    [InlineData("{{ nothing | default: a }}")]
    [InlineData("{{ a | append: a }}")]
    public void A_value_is_made_harmless_wherever_it_comes_out(string text)
    {
        var scope = new TextScope(new Dictionary<string, object?> { ["a"] = "{{*}}", ["list"] = new List<object?> { "{{*}}", "{{*}}" }, ["none"] = new List<object?>() }, CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch);
        var said = TextTemplate.Parse(text).Render(scope, TextForm.Markdown);

        Assert.Contains('*', said);
        Assert.DoesNotContain("{{", said, StringComparison.Ordinal);
        Assert.Equal(said.Count(c => c == '*'), said.Split("\\*").Length - 1);
    }

    [Fact]
    public void Objects_other_than_texts_numbers_times_lists_and_maps_show_nothing_of_themselves()
    {
        var scope = new TextScope(new Dictionary<string, object?> { ["o"] = new Uri("https://user:secret@example.com") }, CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch);
        foreach (var text in (string[])["{{ o.UserInfo }}", "{{ o.Host }}", "{{ o['Host'] }}"])
        {
            Assert.Throws<TextRenderException>(() => TextTemplate.Parse(text).Render(scope, TextForm.Plain));
        }
    }

    [Fact]
    public void One_template_serves_many_threads()
    {
        var template = TextTemplate.Parse("{% assign n = n | plus: 1 %}{% for r in list %}{{ r | upcase }}{{ n }}{% capture c %}{{ r }}{% endcapture %}{{ c | append: '!' }}{% endfor %}");
        Parallel.For(0, 2_000, i =>
        {
            var scope = new TextScope(new Dictionary<string, object?> { ["n"] = i, ["list"] = new List<object?> { $"a{i}" } }, CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch);
            Assert.Equal($"A{i}{i + 1}a{i}!", template.Render(scope, TextForm.Plain));
        });
    }

    [Theory]
    [InlineData("/b/{{ code }}", "a/b c", "/b/a%2Fb%20c")]
    [InlineData("/b/{{ slots.code | upcase }}", "ab", "/b/AB")]
    [InlineData("/b/{% if code contains '..' %}x{% else %}{{ code }}{% endif %}", "a/..", "/b/x")]
    [InlineData("/b/{{ code }}", "..", null)]
    [InlineData("/b/{{ code }}", "", null)]
    [InlineData("/b/{{ other }}", "a", null)]
    [InlineData("/b/{% for c in (1..5000) %}{{ code }}{% endfor %}", "a", null)]
    public void A_value_stays_in_its_place_of_an_address(string template, string value, string? address) =>
        Assert.Equal(address, ValueTemplate.Parse(template, ValueSink.UrlPath).Render(new Dictionary<string, string> { ["code"] = value }));

    [Theory]
    [InlineData("/b/{{ code | shout }}", "The filter 'shout' does not exist.")]
    [InlineData("/b/{% include 'x' %}", "The tag 'include' is not available in addresses, headers and bodies; available are if, unless, case, for, assign, capture and comment.")]
    public void An_address_that_is_no_template_is_refused_before_the_start(string template, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => ValueTemplate.Parse(template, ValueSink.UrlPath)).Message);

    private static TextScope Scope(string culture) =>
        new(_variables, CultureInfo.GetCultureInfo(culture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), new DateTimeOffset(2026, 10, 8, 12, 0, 0, TimeSpan.Zero));

    private static string Said(string text, string culture = "en-GB") => TextTemplate.Parse(text).Render(Scope(culture), TextForm.Plain);
}
