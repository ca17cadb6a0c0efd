using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.Conversations;
using IntentRouter.Turns;

namespace IntentRouter.Replies;

/// <summary>Turns a text key into the message that the conversation's channel can show. Pure.</summary>
internal static class ReplyRenderer
{
    private const int MostItems = 10;

    /// <param name="Message">What to send.</param>
    /// <param name="Choices">The choices that the message offers, in order; a typed answer is matched against them.</param>
    /// <param name="Fields">Names of the fields of a form, in order.</param>
    public sealed record Rendered(SendMessage Message, IReadOnlyList<Choice> Choices, IReadOnlyList<string> Fields);

    /// <exception cref="TextRenderException">The key is unknown or a variable is missing.</exception>
    public static Rendered Render(TextCatalog texts, string key, string language, string? channel, TextScope scope, IReadOnlyList<Choice>? choices = null, string? before = null)
    {
        var text = texts.Find(key, language) ?? throw new TextRenderException($"the text '{key}' does not exist");
        var form = ChannelForm.Of(channel);
        var words = text.Text.Render(scope, form.Text).Trim();
        words = before is null ? words : $"{before} {words}";
        if (choices is { Count: > 0 })
        {
            return Select(words, choices, form);
        }

        var items = text.Items.Count == 0 ? [] : Items(text, scope);
        switch (text.Kind)
        {
            case ReplyKind.Select when items.Count > 0:
                return Select(words, [.. items.Select(i => new Choice(Text(i, "title") ?? Text(i, "value") ?? "", Text(i, "value") ?? Text(i, "title") ?? ""))], form);
            case ReplyKind.Cards when items.Count > 0:
                var cards = form.Cards ? items.ConvertAll(Card) : [];
                return cards.Count > 0 && cards.TrueForAll(c => c is not null) ? Rich(words, "cards", [.. cards.OfType<JsonObject>()]) : Plain(Listed(words, items, form.Text));
            case ReplyKind.Article when items.Count > 0:
                return form.Cards ? Rich(words, "article", items.ConvertAll(Article)) : Plain(Listed(words, items, form.Text));
            case ReplyKind.Form when items.Count > 0:
                var fields = items.Select(i => Text(i, "name") ?? "").ToList();
                if (!form.Forms)
                {
                    return Plain(words) with { Fields = fields };
                }

                var rendered = Rich(words, "form", items);
                if (text.ButtonLabel?.Render(scope, TextForm.Plain) is { Length: > 0 } label)
                {
                    rendered.Message.ContentAttributes!["button_label"] = label;
                }

                return rendered with { Fields = fields };
            case ReplyKind.Email:
                return form.Forms ? new Rendered(new SendMessage(words, "input_email"), [], []) : Plain(words);
            default:
                return Plain(words);
        }
    }

    public static Rendered Plain(string words) => new(new SendMessage(words), [], []);

    private static Rendered Rich(string words, string type, IReadOnlyList<JsonObject> items) =>
        new(new SendMessage(words, type, new JsonObject { ["items"] = new JsonArray([.. items]) }), [], []);

    public static Rendered Select(string words, IReadOnlyList<Choice> choices, string? channel) => Select(words, choices, ChannelForm.Of(channel));

    private static Rendered Select(string words, IReadOnlyList<Choice> choices, ChannelForm form)
    {
        choices = [.. choices.Where(c => c.Title.Length > 0).Take(20)];
        var longest = choices.Count > 0 ? choices.Max(c => new StringInfo(c.Title).LengthInTextElements) : 0;
        var limit = choices.Count <= 3 ? form.ButtonTitle : form.RowTitle;
        var fits = form.Buttons && choices.Count <= form.MostChoices && (limit == 0 || longest <= limit);
        var content = fits && !form.NumberedToo ? words : Numbered(words, choices, form.Text);
        return fits
            ? new Rendered(new SendMessage(content, "input_select", new JsonObject { ["items"] = new JsonArray([.. choices.Select(c => new JsonObject { ["title"] = CustomerText.Neutralise(c.Title, TextForm.Plain), ["value"] = c.Value })]) }), choices, [])
            : new Rendered(new SendMessage(content), choices, []);
    }

    private static string Numbered(string words, IReadOnlyList<Choice> choices, TextForm form)
    {
        var result = new StringBuilder(words).Append('\n');
        for (var i = 0; i < choices.Count; i++)
        {
            result.Append(CultureInfo.InvariantCulture, $"\n{i + 1}. {CustomerText.Neutralise(choices[i].Title, form)}");
        }

        return result.ToString();
    }

    private static List<JsonObject> Items(ReplyText text, TextScope scope)
    {
        if (text.Each is not { } each)
        {
            return [.. text.Items.Select(i => i.Render(scope)).OfType<JsonObject>()];
        }

        object? list = scope.Variables;
        foreach (var part in each.Split('.'))
        {
            list = list is IReadOnlyDictionary<string, object?> map && map.TryGetValue(part, out var member) ? member : null;
        }

        var elements = list is System.Collections.IEnumerable many and not string ? many.Cast<object?>() : [];
        var items = new List<JsonObject>();
        foreach (var element in elements.Take(MostItems))
        {
            var own = new Dictionary<string, object?>(scope.Variables) { ["item"] = element };
            items.AddRange(text.Items.Select(i => i.Render(scope with { Variables = own })).OfType<JsonObject>());
        }

        return items;
    }

    // The chat refuses a card without actions, and a link that is none would be a dead button.
    private static JsonObject? Card(JsonObject item)
    {
        var card = (JsonObject)item.DeepClone();
        if (card["media_url"] is JsonValue media && TextFilters.Link(media.GetValue<string>()) is null)
        {
            card.Remove("media_url");
        }

        var actions = (card["actions"] as JsonArray)?.OfType<JsonObject>()
            .Where(a => Text(a, "type") != "link" || TextFilters.Link(Text(a, "uri")) is not null)
            .Select(a => (JsonNode)a.DeepClone()).ToArray() ?? [];
        card["actions"] = new JsonArray(actions);
        return actions.Length > 0 ? card : null;
    }

    private static JsonObject Article(JsonObject item)
    {
        if (TextFilters.Link(Text(item, "link")) is not null)
        {
            return item;
        }

        var article = (JsonObject)item.DeepClone();
        article.Remove("link");
        return article;
    }

    private static string Listed(string words, IReadOnlyList<JsonObject> items, TextForm form)
    {
        var result = new StringBuilder(words).Append('\n');
        foreach (var item in items)
        {
            result.Append("\n• ").Append(CustomerText.Neutralise(Text(item, "title") ?? "", form));
            if (Text(item, "description") is { Length: > 0 } description)
            {
                result.Append(": ").Append(CustomerText.Neutralise(description, form));
            }

            var link = Text(item, "link") ?? (item["actions"] as JsonArray)?.OfType<JsonObject>().Where(a => Text(a, "type") == "link").Select(a => Text(a, "uri")).FirstOrDefault();
            if (TextFilters.Link(link) is { } address)
            {
                result.Append("\n  ").Append(address);
            }
        }

        return result.ToString();
    }

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
