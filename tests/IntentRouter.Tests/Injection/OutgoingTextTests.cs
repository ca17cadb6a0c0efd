using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Handoffs;
using IntentRouter.Nlu;
using IntentRouter.Replies;
using IntentRouter.Tests.Decisions;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Injection;

/// <summary>
/// Everything that others write and that reaches an outgoing message: slots, the contact, custom attributes, what was looked up, what an engine says. Nothing
/// of it runs as a template, nothing becomes markup, and all of it is still there to be read.
/// </summary>
public sealed class OutgoingTextTests : IDisposable
{
    private const string Harmless = "word";
    private readonly DirectoryInfo _texts = Directory.CreateTempSubdirectory("texts-");

    public OutgoingTextTests() => File.WriteAllText(Path.Combine(_texts.FullName, "en.yaml"), """
        order.ask_number: "Which number, {{ contact.name }}?"
        order.found: |-
          Order **{{ result.status }}** for {{ contact.name }}, {{ contact.shoe }} and {{ conversation.attributes.campaign }}.
          {{ result.status }}
          - {{ slots.email }}
          > {{ result.status }}

          [{{ result.status }}](https://shop.example.com/orders) [Track](https://shop.example.com/t?n={{ result.status }})
          {% for row in results %}{{ row.status }}{{ row.status }} {% endfor %}{% capture all %}{{ result.status }}{% endcapture %}{{ all | upcase | slice: 0, 200 }}
        order.cards:
          type: cards
          text: "For {{ slots.email }}:"
          each: results
          items:
            - title: "{{ item.status }}"
              description: "{{ item.status }}"
              media_url: "{{ item.status }}"
              actions:
                - { type: link, text: "{{ item.status }}", uri: "{{ item.status }}" }
                - { type: link, text: "See", uri: "https://shop.example.com/orders" }
        order.articles:
          type: article
          text: "For {{ slots.email }}:"
          each: results
          items:
            - { title: "{{ item.status }}", description: "{{ item.status }}", link: "{{ item.status }}" }
        order.choices:
          type: select
          text: "Which of these, {{ contact.name }}?"
          each: results
          items:
            - { title: "{{ item.status }}", value: "{{ item.status }}" }
        hours: "Nine to five, {{ contact.name }}."
        greeting: "Hello {{ contact.name }}!"
        """);

    public void Dispose() => _texts.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Hostile.Texts), MemberType = typeof(Hostile))]
    public void Words_of_others_are_read_and_never_run(string hostile)
    {
        var plain = Outgoing(Harmless).ToDictionary(o => o.Where, o => o.Text);
        foreach (var (where, text) in Outgoing(hostile))
        {
            Assert.True(Reader.Run(text) == text, $"{where}: {text}");
            Assert.True(Reader.Structure(text) == Reader.Structure(plain[where]), $"{where}: {text}\n{Reader.Structure(text)}\ninstead of\n{Reader.Structure(plain[where])}");
            Assert.True(Reader.Words(text).Contains(Reader.Bare(hostile), StringComparison.OrdinalIgnoreCase), $"{where} lost the words: {text}");
        }
    }

    [Theory]
    [MemberData(nameof(Hostile.Texts), MemberType = typeof(Hostile))]
    public void Items_of_rich_replies_hold_no_template_and_lead_nowhere_else(string hostile)
    {
        foreach (var (where, items) in Items(hostile))
        {
            foreach (var text in Strings(items))
            {
                Assert.True(Reader.Run(text) == text, $"{where}: {text}");
            }

            foreach (var target in items.Descendants().Where(n => n.GetPropertyNameOrNull() is "uri" or "link" or "media_url"))
            {
                Assert.True(target.ToString() == "https://shop.example.com/orders", $"{where} leads to {target}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Hostile.Texts), MemberType = typeof(Hostile))]
    public void Where_text_is_shown_as_it_is_nothing_runs_either(string hostile)
    {
        foreach (var channel in (string[])["Channel::Whatsapp", "Channel::TwilioSms", "Channel::FacebookPage"])
        {
            foreach (var (where, text) in Outgoing(hostile, channel))
            {
                Assert.True(Reader.Run(text) == text, $"{channel}, {where}: {text}");
                Assert.True(Reader.Bare(text).Contains(Reader.Bare(hostile), StringComparison.OrdinalIgnoreCase) || where.StartsWith("note", StringComparison.Ordinal), $"{channel}, {where} lost the words: {text}");
            }
        }
    }

    [Theory]
    [InlineData("{", "{ contact.email }}")]
    [InlineData("{", "% if true %}")]
    [InlineData("[x]", "(https://evil.example)")]
    [InlineData("!", "[x](https://evil.example/pixel.png)")]
    public void Two_values_side_by_side_do_not_add_up(string first, string second)
    {
        var template = TextTemplate.Parse("{{ a }}{{ b }} and `{{ a }}{{ b }}");
        var text = template.Render(new TextScope(new Dictionary<string, object?> { ["a"] = first, ["b"] = second }, System.Globalization.CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DeskOfOne.Now), TextForm.Markdown);

        Assert.Equal(text, Reader.Run(text));
        Assert.Equal("", Reader.Structure(text));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData(" JaVaScRiPt:alert(1)")]
    [InlineData("//evil.example")]
    public void A_value_is_no_target_of_a_link_unless_it_is_a_web_address(string target)
    {
        var template = TextTemplate.Parse("[Track]({{ a }}) [More](<{{ a }}>)");
        var text = template.Render(new TextScope(new Dictionary<string, object?> { ["a"] = target }, System.Globalization.CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DeskOfOne.Now), TextForm.Markdown);

        Assert.DoesNotContain("script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("data:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Track](https://shop.example.com/t?n={{ a }}&x=1)", "a b)&n=2", "[Track](https://shop.example.com/t?n=a%20b%29%26n%3D2&x=1)")]
    [InlineData("[Track]({{ a }})", "https://carrier.example.com/t/(1) x", "[Track](https://carrier.example.com/t/%281%29%20x)")]
    [InlineData("[{{ a }}]({{ a }})", "https://carrier.example.com/t/NL_1", "[https://carrier.example.com/t/NL_1](https://carrier.example.com/t/NL_1)")]
    public void A_value_in_an_address_is_a_part_of_it(string template, string value, string text) => Assert.Equal(
        text,
        TextTemplate.Parse(template).Render(new TextScope(new Dictionary<string, object?> { ["a"] = value }, System.Globalization.CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DeskOfOne.Now), TextForm.Markdown));

    [Theory]
    [InlineData("Order 10427 is 3*2 cm, a_b@example.com, 5 < 6, 100% & more", "Order 10427 is 3\\*2 cm, a_b@example.com, 5 \\< 6, 100% & more")]
    [InlineData("Zoë, 李雷, 👩‍👩‍👧", "Zoë, 李雷, 👩‍👩‍👧")]
    [InlineData("1.5 - 2", "1.5 - 2")]
    [InlineData("2026-10-08", "2026-10-08")]
    public void Ordinary_words_stay_as_they_are(string said, string expected) => Assert.Equal(expected, CustomerText.Neutralise(said));

    [Fact]
    public void The_reader_itself_sees_what_is_executed_and_what_is_markup()
    {
        Assert.All(Hostile.Templates.Take(3), t => Assert.Contains(Hostile.Canary, Reader.Run(t), StringComparison.Ordinal));
        Assert.Contains("<a href", Reader.Structure("[x](https://evil.example)"), StringComparison.Ordinal);
        Assert.Contains("<img", Reader.Structure("![x](https://evil.example)"), StringComparison.Ordinal);
        Assert.Contains("<img", Reader.Structure("<img src=x>"), StringComparison.Ordinal);
        Assert.Contains("<h1", Reader.Structure("# x"), StringComparison.Ordinal);
    }

    private IEnumerable<(string Where, string Text)> Outgoing(string value, string channel = "Channel::WebWidget")
    {
        foreach (var (where, effects) in Effects(value, channel))
        {
            foreach (var (effect, index) in effects.Select((e, i) => (e, i)))
            {
                if (effect is SendMessage { Content.Length: > 0 } message && Says(message, where))
                {
                    yield return ($"{where} {index}", message.Content);
                }
                else if (effect is SendPrivateNote note)
                {
                    yield return ($"note: {where} {index}", note.Content);
                }
                else if (effect is CreateConversation create)
                {
                    yield return (where, create.Content);
                }
            }
        }
    }

    // A handoff's public words say nothing of others.
    private static bool Says(SendMessage message, string where) => !where.StartsWith("handoff", StringComparison.Ordinal) && message.ContentType != "form";

    private IEnumerable<(string Where, JsonNode Items)> Items(string value) =>
        Effects(value, "Channel::WebWidget").SelectMany(e => e.Effects.OfType<SendMessage>().Where(m => m.ContentAttributes is not null).Select(m => (e.Where, (JsonNode)m.ContentAttributes!)));

    private IEnumerable<(string Where, IReadOnlyList<Effect> Effects)> Effects(string value, string channel)
    {
        var found = new LookupOutcome.Found([new JsonObject { ["status"] = value }, new JsonObject { ["status"] = value }]);
        foreach (var key in (string[])["order.found", "order.cards", "order.articles", "order.choices"])
        {
            var (input, route) = Scene(value, channel, key);
            yield return (key, TurnComposer.Compose(input, new Decision.Fulfil(route), new Fulfilment { NewKey = "key-1", Lookup = found }).Effects);
        }

        var (asked, begun) = Scene(value, channel, "order.found");
        yield return ("ask", TurnComposer.Compose(asked, new Decision.AskSlot(begun, "order_number", 1, null), null).Effects);
        yield return ("say", TurnComposer.Compose(asked, new Decision.Say("hours", "hours"), null).Effects);
        yield return ("greet", TurnComposer.Compose(
            asked with { State = asked.State with { Facts = asked.State.Facts with { Status = null } }, Input = new CustomerInput { Kind = CustomerInputKind.WidgetOpened, SourceId = "s" } }, new Decision.Say("greeting", null), null).Effects);
        yield return ("provider", TurnComposer.Compose(asked, new Decision.PassThrough(begun), new Fulfilment
        {
            NewKey = "key-1",
            Provider = new ProviderReply { Messages = [$"Thank you, {value}.", $"{value}"], Choices = [KeyValuePair.Create(value, value), KeyValuePair.Create("Other", "other")] },
        }).Effects);
        yield return ("assist", TurnComposer.Compose(
            asked with { State = asked.State with { Facts = asked.State.Facts with { Status = "open" } } }, new Decision.Assist(begun, new RankedIntent("order_status", 0.9, 0.9)), new Fulfilment { NewKey = "key-1", Lookup = found }).Effects);
        yield return ("handoff", TurnComposer.Compose(asked, new Decision.HandOff(HandoffReason.Asked, "order_status"), null).Effects);
        yield return ("handoff after lookup", HandoffPlanner.Plan(asked, HandoffReason.Asked, "order_status", new HandoffPlanner.Details(begun, null, found)).Effects);
    }

    private (DecisionInput Input, ActiveRoute Route) Scene(string value, string channel, string found)
    {
        var problems = new List<ConfigurationProblem>();
        var bot = DeskOfOne.Bot(routes: r =>
        {
            r["order-status"].Reply = new ReplyOptions { Found = new OutcomeOptions { Say = [found] } };
            r["order-status"].Slots["order_number"].Ask = "order.ask_number";
        }) with
        { Texts = TextCatalog.Load("en", [_texts.FullName], problems) };
        Assert.Empty(problems);
        var words = JsonSerializer.SerializeToElement(value);
        var route = new ActiveRoute
        {
            Route = "order-status",
            Intent = "order_status",
            Slots = new Dictionary<string, SlotValue> { ["email"] = new(value, value, SlotSource.Said), ["order_number"] = new(value, value, SlotSource.Said) },
        };
        var input = DeskOfOne.Input(bot, value, session: new Session { Id = "s", Active = route }, facts: new ConversationFacts
        {
            Status = "pending",
            Channel = channel,
            CustomAttributes = new Dictionary<string, JsonElement> { ["campaign"] = words },
            Contact = new ContactFacts { Id = 1, Name = value, Email = value, CustomAttributes = new Dictionary<string, JsonElement> { ["shoe"] = words } },
        });
        input = input with
        {
            Input = input.Input with { Attachments = [value] },
            Heard = new Heard
            {
                Adapter = value,
                Understanding = new Understanding(),
                Ranking = [new RankedIntent(value, 0.9, 0.9)],
            },
        };
        return (input, route);
    }

    // The value behind a choice is never shown: it goes back to whoever gave it.
    private static IEnumerable<string> Strings(JsonNode node) => node.Descendants().OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String && v.GetPropertyNameOrNull() != "value").Select(v => v.GetValue<string>());
}

internal static class JsonTree
{
    public static IEnumerable<JsonNode> Descendants(this JsonNode node) => node switch
    {
        JsonObject map => map.Select(m => m.Value).OfType<JsonNode>().SelectMany(n => n.Descendants().Prepend(n)),
        JsonArray list => list.OfType<JsonNode>().SelectMany(n => n.Descendants().Prepend(n)),
        _ => [],
    };

    public static string? GetPropertyNameOrNull(this JsonNode node) => node.Parent is JsonObject ? node.GetPropertyName() : null;
}
