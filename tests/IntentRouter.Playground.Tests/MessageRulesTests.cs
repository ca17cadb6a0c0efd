using System.Text.Json.Nodes;

namespace IntentRouter.Playground.Tests;

/// <summary>What the platform refuses of a message, and what it does to one it takes.</summary>
public sealed class MessageRulesTests
{
    [Theory]
    [InlineData("""{"content":"hi"}""", 200)]
    [InlineData("""{}""", 200)]
    [InlineData("""{"content":"hi","private":true}""", 200)]
    [InlineData("""{"content":"hi","content_type":"nonsense"}""", 422)]
    [InlineData("""{"content":"hi","content_type":"voice_call"}""", 422)]
    [InlineData("""{"content":"hi","content_type":"cal_event","content_attributes":{"event_url":"x"}}""", 200)]
    [InlineData("""{"content":"hi","message_type":"incoming"}""", 422)]
    [InlineData("""{"content":"hi","message_type":"nonsense"}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select"}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":{"items":[]}}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":{"items":{}}}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":{"items":["a"]}}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":{"items":[{"title":"A","value":"a"}]}}""", 200)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":{"items":[{"title":"A","value":"a","description":"no"}]}}""", 422)]
    [InlineData("""{"content":"?","content_type":"input_select","content_attributes":"{\"items\":[{\"title\":\"A\",\"value\":\"a\"}]}"}""", 200)]
    [InlineData("""{"content":"c","content_type":"cards","content_attributes":{"items":[{"title":"A","description":"d","media_url":"u","actions":[{"type":"link","text":"t","uri":"u"}]}]}}""", 200)]
    [InlineData("""{"content":"c","content_type":"cards","content_attributes":{"items":[{"title":"A"}]}}""", 422)]
    [InlineData("""{"content":"c","content_type":"cards","content_attributes":{"items":[{"title":"A","actions":[]}]}}""", 422)]
    [InlineData("""{"content":"c","content_type":"cards","content_attributes":{"items":[{"title":"A","actions":[{"type":"link","url":"u"}]}]}}""", 422)]
    [InlineData("""{"content":"f","content_type":"form","content_attributes":{"items":[{"name":"n","label":"l","type":"text","placeholder":"p","required":true,"pattern":"x","pattern_error":"e","default":"d","title":"t","options":[]}]}}""", 200)]
    [InlineData("""{"content":"f","content_type":"form","content_attributes":{"items":[{"name":"n","hint":"h"}]}}""", 422)]
    [InlineData("""{"content":"a","content_type":"article","content_attributes":{"items":[{"title":"t","description":"d","link":"l"}]}}""", 200)]
    [InlineData("""{"content":"a","content_type":"article","content_attributes":{"items":[{"title":"t","url":"l"}]}}""", 422)]
    [InlineData("""{"content":"e","content_type":"input_email"}""", 200)]
    [InlineData("""{"content":"e","content_type":"input_csat","content_attributes":{"items":[{"anything":1}]}}""", 200)]
    public async Task A_message_is_taken_or_refused(string body, int status)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var answer = await scene.PostAsync(scene.InConversation("/messages"), JsonNode.Parse(body), scene.Bot.AccessToken);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 2 : 1, scene.Conversation.Messages.Count);
        if (status == 422)
        {
            Assert.False(string.IsNullOrEmpty(answer.Json.GetProperty("error").GetString()));
        }
    }

    [Theory]
    [InlineData(150_000, 200)]
    [InlineData(150_001, 422)]
    public async Task Content_may_have_150000_characters(int length, int status)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        Assert.Equal(status, (await scene.ReplyAsync(new string('x', length))).Status);
    }

    [Fact]
    public async Task The_answer_to_a_created_message_has_the_documented_members()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var answer = await scene.ReplyAsync("hi", new { content_attributes = new { ir_key = "k" }, echo_id = "e1" });

        Assert.Equal(
            "content content_attributes content_type conversation_id created_at echo_id id inbox_id message_type private sender source_id status",
            string.Join(' ', answer.Json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)));
        Assert.Equal(1, answer.Json.GetProperty("message_type").GetInt32());
        Assert.Equal(scene.Conversation.Id, answer.Json.GetProperty("conversation_id").GetInt64());
        Assert.Equal("agent_bot", answer.Json.GetProperty("sender").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("4.2.0", true)]
    [InlineData("4.3.0", false)]
    [InlineData("4.8.0", false)]
    [InlineData("4.9.0", true)]
    public async Task Foreign_content_attributes_survive_as_the_version_has_it(string version, bool survives)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        await scene.ReplyAsync("hi", new { content_attributes = new { ir_key = "k", in_reply_to = 7 } });

        var stored = scene.Conversation.BotReplies[0].ContentAttributes;
        Assert.Equal(survives, stored.TryGetProperty("ir_key", out _));
        Assert.Equal(7, stored.GetProperty("in_reply_to").GetInt32());
        Assert.Equal("k", scene.Chat.Ledger.Entries[0].ContentAttributes.GetProperty("ir_key").GetString());
    }

    [Fact]
    public async Task The_201st_message_of_a_minute_is_refused_and_the_next_minute_is_free()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        for (var i = 0; i < 199; i++)
        {
            scene.Conversation.SayBy(scene.Bot, "x");
        }

        var refused = await scene.ReplyAsync("one too many");
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        var taken = await scene.ReplyAsync("later");

        Assert.Equal((422, """{"error":"Validation failed: Too many messages"}"""), (refused.Status, refused.Text));
        Assert.Equal(200, taken.Status);
    }

    [Theory]
    [InlineData("Hello {{contact.name}}", "Hello quiet-forest", "contact.name")]
    [InlineData("Hello {{ contact.email | default: 'you' }}!", "Hello !", "contact.email | default: 'you'")]
    [InlineData("{{ conversation.display_id }} {{account.name}} {{inbox.name}}", "457 Bluebird Outfitters Shop website", "conversation.display_id,account.name,inbox.name")]
    [InlineData("Code `{{contact.name}}` stays", "Code `{{contact.name}}` stays", "")]
    [InlineData("```\n{{contact.name}}\n``` stays", "```\n{{contact.name}}\n``` stays", "")]
    [InlineData("{% assign x = 1 %}after", "after", "assign x = 1")]
    [InlineData("{% raw %}{{contact.name}}{% endraw %} stays", "{{contact.name}} stays", "")]
    [InlineData("{{ '{{' }}contact.name}}", "{{contact.name}}", "")]
    [InlineData("open {{contact.name", "open {{contact.name", "")]
    [InlineData("single { brace } and 100 %", "single { brace } and 100 %", "")]
    public async Task Templates_in_outgoing_text_are_run_and_reported(string posted, string stored, string executed)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        await scene.ReplyAsync(posted);

        var message = scene.Conversation.BotReplies[0];
        Assert.Equal(stored, message.Content);
        Assert.Equal(executed, string.Join(',', message.LiquidExecuted));
        Assert.Equal(posted, scene.Chat.Ledger.Entries[0].Content);
    }

    [Fact]
    public async Task Templates_in_a_customers_text_are_never_run()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync("{{contact.name}}");

        Assert.Equal("{{contact.name}}", scene.Conversation.Messages[0].Content);
    }

    [Fact]
    public async Task Attachments_come_as_multipart_and_fifteen_are_the_most()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var one = await PostFilesAsync(scene, 1);
        var many = await PostFilesAsync(scene, 16);

        Assert.Equal((200, 422), (one, many));
        var message = Assert.Single(scene.Conversation.BotReplies);
        Assert.Equal("label.pdf", Assert.Single(message.Attachments).FileName);
        Assert.Equal("k", message.ContentAttributes.GetProperty("ir_key").GetString());
    }

    [Theory]
    [InlineData(true, "AgentBot")]
    [InlineData(false, "User")]
    public async Task A_user_may_speak_as_the_bot(bool asBot, string sender)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        await scene.PostAsync(
            scene.InConversation("/messages"),
            asBot ? new { content = "hi", sender_type = "AgentBot", sender_id = scene.Bot.Id } : new { content = "hi" },
            scene.Admin.AccessToken);

        var message = scene.Conversation.Messages[^1];
        Assert.Equal(sender, message.Bot is null ? "User" : "AgentBot");
        Assert.Equal(!asBot, scene.Conversation.FirstReplyAt is not null);
        Assert.Empty(scene.Chat.Ledger.Entries);
    }

    [Fact]
    public async Task On_an_api_inbox_a_message_may_come_in_over_the_api()
    {
        await using var scene = await Scene.StartAsync();
        var customer = scene.Account.AddInbox("Own app", ChannelKind.Api).Connect(scene.Bot).AddCustomer();
        customer.Say("first");

        var answer = await scene.PostAsync(
            scene.InAccount($"/conversations/{customer.Conversation!.Id}/messages"), new { content = "second", message_type = "incoming" }, scene.Admin.AccessToken);
        await scene.IdleAsync();

        Assert.Equal(200, answer.Status);
        Assert.Equal("incoming", scene.Listener.All[^1].Json.GetProperty("message_type").GetString());
    }

    private static async Task<int> PostFilesAsync(Scene scene, int count)
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("here"), "content");
        form.Add(new StringContent("""{"ir_key":"k"}"""), "content_attributes");
        for (var i = 0; i < count; i++)
        {
            form.Add(new ByteArrayContent([1, 2, 3]), "attachments[]", "label.pdf");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, scene.InConversation("/messages")) { Content = form };
        request.Headers.Add("Api-Access-Token", scene.Bot.AccessToken);
        using var response = await scene.Http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
