using System.Reflection;
using System.Text.Json;

namespace IntentRouter.Playground.Tests;

/// <summary>The events against the samples of the wire contract, section 1.11: same members, same kinds of values.</summary>
public sealed class EventShapeTests
{
    [Fact]
    public async Task A_first_visit_looks_like_the_sample()
    {
        await using var scene = await Scene.StartAsync();

        scene.Customer.OpenWidget();
        await scene.IdleAsync();

        AssertSameShape("widget_triggered", scene.Listener.All.Single().Json);
    }

    [Fact]
    public async Task A_customers_message_looks_like_the_sample()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var sent = scene.Listener.All.Single().Json;

        AssertSameShape("message_created", sent);
        Assert.Equal(1757492130, sent.GetProperty("conversation").GetProperty("waiting_since").GetInt64());
        Assert.Equal("2025-09-10T08:15:30.412Z", sent.GetProperty("created_at").GetString());
    }

    [Fact]
    public async Task The_echo_of_a_bots_reply_looks_like_the_sample()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        await scene.ReplyAsync("It left.", new { content_attributes = new { ir_key = "01K4SB7Q8W" } });
        await scene.IdleAsync();

        AssertSameShape("bot_echo", scene.Listener.All[1].Json, "conversation");
    }

    [Fact]
    public async Task A_photo_without_text_looks_like_the_sample()
    {
        await using var scene = await Scene.StartAsync();
        var customer = scene.Account.AddInbox("WhatsApp", ChannelKind.Whatsapp).Connect(scene.Bot).AddCustomer("Tomas", phoneNumber: "+420601000111");

        customer.SendPhoto();
        await scene.IdleAsync();

        AssertSameShape("photo", scene.Listener.All.Single().Json, "conversation");
    }

    [Fact]
    public async Task A_chosen_option_looks_like_the_sample()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        await scene.ReplyAsync("What can I look up?", new
        {
            content_type = "input_select",
            content_attributes = new { items = new[] { new { title = "Track an order", value = "intent:order.status" }, new { title = "My booking", value = "intent:booking.lookup" } } },
        });

        scene.Customer.Choose(scene.Conversation.BotReplies[0], "My booking");
        await scene.IdleAsync();

        AssertSameShape("choice", scene.Listener.All[^1].Json, "conversation");
        Assert.Equal("message_updated", scene.Listener.All[^1].Event);
    }

    [Theory]
    [InlineData("4.2.0", false)]
    [InlineData("4.14.1", false)]
    [InlineData("4.14.2", true)]
    public async Task A_conversation_event_names_its_account_only_from_4_14_2(string version, bool named)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        scene.Admin.TakeOver(scene.Conversation);
        await scene.IdleAsync();

        var opened = scene.Listener.All.Single(r => r.Event == "conversation_opened").Json;
        Assert.Equal(named, opened.TryGetProperty("account", out _));
        Assert.Equal(scene.Account.Id, opened.GetProperty("messages")[0].GetProperty("account_id").GetInt64());
        if (version == "4.2.0")
        {
            AssertSameShape("conversation_opened", opened, "messages", "meta", "custom_attributes", "additional_attributes");
        }
    }

    [Fact]
    public async Task A_status_change_carries_no_list_of_changes_and_an_update_does()
    {
        await using var scene = await (await Scene.StartAsync("4.14.2")).SaidAsync();

        await scene.PostAsync(scene.InConversation("/custom_attributes"), new { custom_attributes = new { last_intent = "order.status" } }, scene.Bot.AccessToken);
        scene.Conversation.SetStatus(ConversationStatus.Resolved);
        await scene.IdleAsync();

        var changed = scene.Listener.All.Single(r => r.Event == "conversation_status_changed").Json;
        var updated = scene.Listener.All.First(r => r.Event == "conversation_updated").Json;
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("changed_attributes").ValueKind);
        AssertHasMembersOf("conversation_status_changed", changed);
        AssertHasMembersOf("conversation_updated", updated);
        AssertSame("$.changed_attributes", Sample("conversation_updated").GetProperty("changed_attributes"), updated.GetProperty("changed_attributes"), []);
        Assert.Equal("order.status", updated.GetProperty("changed_attributes")[0].GetProperty("custom_attributes").GetProperty("current_value").GetProperty("last_intent").GetString());
    }

    [Fact]
    public async Task A_change_moves_the_update_time_even_under_a_standing_clock_and_a_message_does_not()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        var before = scene.Conversation.UpdatedAt;

        scene.Customer.Burst("one", "two", "three");
        Assert.Equal(before, scene.Conversation.UpdatedAt);

        scene.Conversation.SetCustomAttributes(new { seen = 1 });
        var once = scene.Conversation.UpdatedAt;
        scene.Conversation.SetCustomAttributes(new { seen = 2 });
        Assert.True(before < once && once < scene.Conversation.UpdatedAt);
    }

    [Fact]
    public async Task The_latest_message_inside_a_conversation_is_never_a_private_note()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync("hello");

        scene.Agent.Note(scene.Conversation, "secret thought");
        await scene.IdleAsync();

        var note = scene.Listener.All[^1].Json;
        Assert.True(note.GetProperty("private").GetBoolean());
        Assert.Equal("hello", note.GetProperty("conversation").GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("4.10.0", false)]
    [InlineData("4.11.0", true)]
    public async Task A_reply_from_the_channels_own_app_has_no_sender_and_from_4_11_a_mark(string version, bool marked)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        scene.Conversation.EchoFromNativeApp("I am on it");
        await scene.IdleAsync();

        var echo = scene.Listener.All.Last(r => r.Event == "message_created").Json;
        Assert.Equal("outgoing", echo.GetProperty("message_type").GetString());
        Assert.Equal(JsonValueKind.Null, echo.GetProperty("sender").ValueKind);
        Assert.Equal(marked, echo.GetProperty("content_attributes").TryGetProperty("external_echo", out _));
    }

    [Theory]
    [InlineData("4.2.0", "line\\\nbreak\n")]
    [InlineData("4.13.0", "line\nbreak")]
    public async Task Backslash_breaks_are_removed_from_4_13(string version, string content)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync("line\\\nbreak\n");

        Assert.Equal(content, scene.Listener.All[0].Json.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Angle_brackets_are_escaped_as_the_platforms_encoder_does()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync("<b>&\u00e9");

        var raw = System.Text.Encoding.UTF8.GetString(scene.Listener.All[0].Body);
        Assert.Contains("\"content\":\"\\u003cb\\u003e\\u0026\u00e9\"", raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_choice_may_lose_its_values_as_on_OneHash_and_is_then_still_announced()
    {
        await using var scene = await Scene.StartAsync("4.2.0", (v, c) => new PlaygroundOptions { Version = v, Clock = c, LosesSubmittedValues = true });
        await scene.SaidAsync();
        await scene.ReplyAsync("Which?", new { content_type = "input_select", content_attributes = new { items = new[] { new { title = "A", value = "a" } } } });

        scene.Customer.Choose(scene.Conversation.BotReplies[0], "a");
        await scene.IdleAsync();

        var updated = scene.Listener.All[^1];
        Assert.Equal("message_updated", updated.Event);
        Assert.False(updated.Json.GetProperty("content_attributes").TryGetProperty("submitted_values", out _));
    }

    [Theory]
    [InlineData(ChannelKind.Whatsapp, "4.2.0", "My booking")]
    [InlineData(ChannelKind.FacebookPage, "4.16.2", "My booking")]
    [InlineData(ChannelKind.Telegram, "4.2.0", "b")]
    [InlineData(ChannelKind.Line, "4.2.0", "My booking")]
    [InlineData(ChannelKind.Line, "4.3.0", "b")]
    public async Task Off_the_website_a_choice_arrives_as_a_new_message(ChannelKind channel, string version, string content)
    {
        await using var scene = await Scene.StartAsync(version);
        var customer = scene.Account.AddInbox("Elsewhere", channel).Connect(scene.Bot).AddCustomer();
        customer.Say("hi");
        await scene.PostAsync(scene.InAccount($"/conversations/{customer.Conversation!.Id}/messages"), new
        {
            content = "Which?",
            content_type = "input_select",
            content_attributes = new { items = new[] { new { title = "My booking", value = "b" } } },
        }, scene.Bot.AccessToken);

        var answer = customer.Choose(customer.Conversation.BotReplies[0], "b");

        Assert.Equal(MessageType.Incoming, answer.Type);
        Assert.Equal(content, answer.Content);
    }

    [Fact]
    public async Task A_submitted_address_that_is_known_merges_the_contact()
    {
        await using var scene = await Scene.StartAsync();
        var known = scene.Inbox.AddCustomer("Priya", email: "priya@example.com").Contact;
        await scene.SaidAsync();
        await scene.ReplyAsync("Your e-mail?", new { content_type = "input_email" });

        scene.Customer.SubmitEmail(scene.Conversation.BotReplies[0], "priya@example.com");
        await scene.IdleAsync();

        var updated = scene.Listener.All[^1].Json;
        Assert.Equal("priya@example.com", updated.GetProperty("content_attributes").GetProperty("submitted_email").GetString());
        Assert.Equal(known.Id, updated.GetProperty("conversation").GetProperty("meta").GetProperty("sender").GetProperty("id").GetInt64());
        Assert.Same(known, scene.Customer.Contact);
    }

    [Fact]
    public async Task A_survey_answer_is_an_object_and_a_form_answer_a_list()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        await scene.ReplyAsync("Details?", new { content_type = "form", content_attributes = new { items = new[] { new { name = "reference", type = "text" } } } });
        var survey = scene.Conversation.SendTemplate("Rate us", "input_csat");

        scene.Customer.SubmitForm(scene.Conversation.BotReplies[0], ("reference", "BK-20117"));
        scene.Customer.Rate(survey, 5);
        await scene.IdleAsync();

        var answers = scene.Listener.All.TakeLast(2).Select(r => r.Json.GetProperty("content_attributes").GetProperty("submitted_values")).ToArray();
        Assert.Equal("""[{"name":"reference","value":"BK-20117"}]""", answers[0].GetRawText());
        Assert.Equal(5, answers[1].GetProperty("csat_survey_response").GetProperty("rating").GetInt32());
    }

    [Fact]
    public async Task Reading_updates_every_unread_outgoing_message_notes_included()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        await scene.ReplyAsync("one");
        scene.Agent.Note(scene.Conversation, "two");
        await scene.IdleAsync();
        var before = scene.Listener.All.Count;

        scene.Customer.ReadMessages();
        scene.Customer.ReadMessages();
        await scene.IdleAsync();

        Assert.Equal(["message_updated", "message_updated"], scene.Listener.Events.Skip(before));
    }

    private static void AssertSameShape(string sample, JsonElement sent, params string[] exceptInside) =>
        AssertSame("$", Sample(sample), sent, exceptInside);

    private static void AssertHasMembersOf(string sample, JsonElement sent)
    {
        foreach (var member in Sample(sample).EnumerateObject())
        {
            Assert.True(sent.TryGetProperty(member.Name, out _), $"{member.Name} is missing");
        }
    }

    private static void AssertSame(string path, JsonElement sample, JsonElement sent, string[] except)
    {
        if (sample.ValueKind == JsonValueKind.Null || sent.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var (expected, actual) = (Kind(sample), Kind(sent));
        Assert.True(expected == actual, $"{path}: {expected} expected, {actual} sent");
        if (sample.ValueKind == JsonValueKind.Object && !path.EndsWith("additional_attributes", StringComparison.Ordinal))
        {
            Assert.Equal(
                (path, string.Join(' ', sample.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal))),
                (path, string.Join(' ', sent.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal))));
            foreach (var member in sample.EnumerateObject().Where(m => !except.Contains(m.Name)))
            {
                AssertSame($"{path}.{member.Name}", member.Value, sent.GetProperty(member.Name), except);
            }
        }
        else if (sample.ValueKind == JsonValueKind.Array && sample.GetArrayLength() > 0)
        {
            Assert.True(sent.GetArrayLength() > 0, $"{path} is empty");
            AssertSame(path + "[0]", sample[0], sent[0], except);
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "boolean" : value.ValueKind.ToString();

    private static JsonElement Sample(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".json")!;
        return JsonDocument.Parse(stream).RootElement.Clone();
    }
}
