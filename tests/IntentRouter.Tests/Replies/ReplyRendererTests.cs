using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Replies;
using IntentRouter.Tests.Decisions;

namespace IntentRouter.Tests.Replies;

public sealed class ReplyRendererTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("texts-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("Channel::WebWidget", "input_select", "Which one?")]
    [InlineData("Channel::Whatsapp", "input_select", "Which one?")]
    [InlineData("Channel::Telegram", "input_select", "Which one?")]
    [InlineData("Channel::Line", "input_select", "Which one?\n\n1. Tent\n2. Stove")]
    [InlineData("Channel::Api", "input_select", "Which one?\n\n1. Tent\n2. Stove")]
    [InlineData("Channel::TwilioSms", "text", "Which one?\n\n1. Tent\n2. Stove")]
    [InlineData("Channel::Email", "text", "Which one?\n\n1. Tent\n2. Stove")]
    [InlineData("Channel::Unheard", "input_select", "Which one?\n\n1. Tent\n2. Stove")]
    [InlineData(null, "input_select", "Which one?\n\n1. Tent\n2. Stove")]
    public void Choices_are_buttons_or_a_numbered_list(string? channel, string type, string words)
    {
        var rendered = Render("Which one?", channel, choices: ["Tent", "Stove"]);

        Assert.Equal((type, words), (rendered.Message.ContentType, rendered.Message.Content));
        Assert.Equal(["Tent", "Stove"], rendered.Choices.Select(c => c.Title));
    }

    [Theory]
    [InlineData("Channel::Whatsapp", 3, 20, "input_select")]
    [InlineData("Channel::Whatsapp", 3, 21, "text")]
    [InlineData("Channel::Whatsapp", 4, 24, "input_select")]
    [InlineData("Channel::Whatsapp", 4, 25, "text")]
    [InlineData("Channel::Whatsapp", 10, 5, "input_select")]
    [InlineData("Channel::Whatsapp", 11, 5, "text")]
    [InlineData("Channel::WebWidget", 20, 60, "input_select")]
    public void Buttons_that_a_channel_would_refuse_become_a_list(string channel, int count, int length, string type)
    {
        var titles = Enumerable.Range(0, count).Select(i => $"{i}{new string('x', length)}"[..length]).ToArray();

        var rendered = Render("Which one?", channel, choices: titles);

        Assert.Equal(type, rendered.Message.ContentType);
        Assert.Equal(count, rendered.Choices.Count);
    }

    [Theory]
    [InlineData("Channel::WebWidget", "cards")]
    [InlineData("Channel::Whatsapp", "text")]
    public void Cards_are_a_list_of_links_where_there_are_no_cards(string channel, string type)
    {
        var rendered = RenderFile("""
            a:
              type: cards
              text: "Rooms:"
              each: results
              items:
                - title: "{{ item.name }}"
                  description: "{{ item.about }}"
                  media_url: "{{ item.picture }}"
                  actions: [{ type: link, text: See, uri: "{{ item.page }}" }]
            """, channel, ("name", "Double"), ("about", "Bright"), ("picture", "https://hotel.example.com/d.jpg"), ("page", "https://hotel.example.com/d"));

        Assert.Equal(type, rendered.Message.ContentType);
        if (type == "text")
        {
            Assert.Equal("Rooms:\n\n• Double: Bright\n  https://hotel.example.com/d", rendered.Message.Content);
        }
        else
        {
            Assert.Equal(
                """{"items":[{"title":"Double","description":"Bright","media_url":"https://hotel.example.com/d.jpg","actions":[{"type":"link","text":"See","uri":"https://hotel.example.com/d"}]}]}""",
                rendered.Message.ContentAttributes!.ToJsonString());
        }
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("no address")]
    [InlineData("")]
    public void A_card_without_a_usable_link_is_a_line_of_text(string page)
    {
        var rendered = RenderFile("""
            a:
              type: cards
              text: "Rooms:"
              each: results
              items:
                - { title: "{{ item.name }}", actions: [{ type: link, text: See, uri: "{{ item.page }}" }] }
            """, "Channel::WebWidget", ("name", "Double"), ("page", page));

        Assert.Equal(("text", "Rooms:\n\n• Double"), (rendered.Message.ContentType, rendered.Message.Content));
    }

    [Fact]
    public void A_picture_that_is_none_is_left_out_and_an_article_leads_to_web_addresses_only()
    {
        var cards = RenderFile("""
            a:
              type: cards
              text: x
              each: results
              items: [{ title: t, media_url: "{{ item.bad }}", actions: [{ type: link, text: See, uri: https://shop.example.com }] }]
            """, "Channel::WebWidget", ("bad", "data:image/png;base64,AA"));
        var article = RenderFile("""
            a: { type: article, text: x, each: results, items: [{ title: t, link: "{{ item.bad }}" }] }
            """, "Channel::WebWidget", ("bad", "javascript:alert(1)"));

        Assert.DoesNotContain("media_url", cards.Message.ContentAttributes!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""{"items":[{"title":"t"}]}""", article.Message.ContentAttributes!.ToJsonString());
    }

    [Theory]
    [InlineData("Channel::WebWidget", "form", 1)]
    [InlineData("Channel::Whatsapp", "text", 1)]
    public void A_form_is_asked_in_words_where_there_are_no_forms(string channel, string type, int fields)
    {
        var rendered = RenderFile("""
            a:
              type: form
              text: Your address, please.
              button_label: Send
              items: [{ name: email, label: E-mail, type: email, required: true }]
            """, channel);

        Assert.Equal((type, fields), (rendered.Message.ContentType, rendered.Fields.Count));
        Assert.Equal("Your address, please.", rendered.Message.Content);
        Assert.Equal(type == "form" ? """{"items":[{"name":"email","label":"E-mail","type":"email","required":true}],"button_label":"Send"}""" : null, rendered.Message.ContentAttributes?.ToJsonString());
    }

    [Theory]
    [InlineData("{{ slots.number }}", "the variable 'slots.number' has no value")]
    [InlineData("{{ result.status }}", "the variable 'result.status' has no value")]
    [InlineData("{% for i in (1..100000) %}x{% endfor %}", "the text grew out of bounds")]
    [InlineData("{{ 1 | divided_by: 0 }}", null)]
    public void A_text_that_cannot_be_whole_is_not_said(string text, string? message)
    {
        var failed = Assert.Throws<TextRenderException>(() => Render(text, "Channel::WebWidget"));
        if (message is not null)
        {
            Assert.Equal(message, failed.Message);
        }
    }

    [Theory]
    [InlineData("Hello {{ contact.name }}!", "Hello !")]
    [InlineData("{{ slots.number | default: 'none' }}", "none")]
    [InlineData("{% if slots.number %}{{ slots.number }}{% else %}no number{% endif %}", "no number")]
    [InlineData("{{ conversation.attributes.campaign }}.", ".")]
    public void What_may_be_missing_is_left_out(string text, string said) => Assert.Equal(said, Render(text, "Channel::WebWidget").Message.Content);

    [Fact]
    public void An_unknown_key_is_named() =>
        Assert.Equal("the text 'nowhere' does not exist", Assert.Throws<TextRenderException>(() => ReplyRenderer.Render(TextCatalog.Empty, "nowhere", "en", null, Scope())).Message);

    [Theory]
    [InlineData("Channel::WebWidget", "See [the order](https://shop.example.com/o).")]
    [InlineData("Channel::Whatsapp", "See the order: https://shop.example.com/o.")]
    public void A_link_is_written_out_where_markdown_is_not_shown(string channel, string said) =>
        Assert.Equal(said, Render("See [the order](https://shop.example.com/o).", channel).Message.Content);

    [Theory]
    [InlineData("ada@example.com", "a•••@example.com")]
    [InlineData("+4915123456789", "•••6789")]
    [InlineData("10427", "•••27")]
    [InlineData("abc", "•••")]
    [InlineData("", "")]
    public void A_masked_value_is_recognised_by_its_owner_only(string value, string masked) => Assert.Equal(masked, TextFilters.Mask(value));

    private static TextScope Scope(IReadOnlyList<System.Text.Json.Nodes.JsonObject>? rows = null) =>
        TextVariables.Scope(DeskOfOne.Input(DeskOfOne.Bot(), "x"), new ActiveRoute { Route = "order-status", Intent = "order_status" }, rows);

    private static ReplyRenderer.Rendered Render(string text, string? channel, string[]? choices = null)
    {
        var texts = TextCatalog.From("en", new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = new Dictionary<string, string> { ["a"] = text } });
        return ReplyRenderer.Render(texts, "a", "en", channel, Scope(text.Contains("result", StringComparison.Ordinal) ? [[]] : null), choices?.Select(c => new Choice(c, c)).ToList());
    }

    private ReplyRenderer.Rendered RenderFile(string yaml, string channel, params (string Name, string Value)[] row)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "en.yaml"), yaml);
        var problems = new List<ConfigurationProblem>();
        var texts = TextCatalog.Load("en", [_directory.FullName], problems);
        Assert.Empty(problems);
        return ReplyRenderer.Render(texts, "a", "en", channel, Scope([new(row.Select(r => KeyValuePair.Create(r.Name, (System.Text.Json.Nodes.JsonNode?)r.Value)))]));
    }
}
