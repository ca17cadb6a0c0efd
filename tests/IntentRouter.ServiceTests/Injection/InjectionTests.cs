using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Playground;
using IntentRouter.Tests.Fulfillment;
using IntentRouter.Tests.Injection;
using Microsoft.Data.Sqlite;

namespace IntentRouter.ServiceTests.Injection;

/// <summary>
/// Hostile words on their whole way: from the webhook into SQL, addresses, headers and JSON of the systems behind, and out again into messages, cards, notes
/// and attributes of a chat that runs templates in what it is sent. Nothing is executed anywhere, and everything arrives.
/// </summary>
public sealed class InjectionTests(InjectionScene scene) : IClassFixture<InjectionScene>
{
    [Theory]
    [MemberData(nameof(Hostile.All), MemberType = typeof(Hostile))]
    public async Task Words_go_through_sql_and_come_back_as_words(string hostile)
    {
        var customer = scene.NewCustomer(hostile);

        var replies = await scene.RunAsync(customer, "I wish", hostile);

        var said = replies.Single(r => r.Content!.StartsWith("You", StringComparison.Ordinal)).Content!;
        var plain = (await scene.RunAsync(scene.NewCustomer("word"), "I wish", "word")).Single(r => r.Content!.StartsWith("You", StringComparison.Ordinal)).Content!;
        // Of what nobody can see nothing is left, and two stars around nothing are no emphasis.
        Assert.True(Reader.Bare(hostile).Length == 0 || Reader.Structure(plain) == Reader.Structure(said), said);
        Assert.Contains(Reader.Bare(hostile), Reader.Words(said), StringComparison.Ordinal);
        await AssertNothingRanAsync(customer);
    }

    [Theory]
    [MemberData(nameof(Hostile.All), MemberType = typeof(Hostile))]
    public async Task Words_stay_where_an_address_a_header_and_a_json_body_put_them(string hostile)
    {
        var customer = scene.NewCustomer("Ada");
        var before = scene.Api.Requests.Count;

        await scene.RunAsync(customer, "ask the desk", hostile);

        foreach (var request in scene.Api.Requests.Skip(before))
        {
            var (path, query) = request.Target.Split('?', 2) is [var p, var q] ? (p, q) : throw new InvalidOperationException(request.Target);
            Assert.Matches("^/v1/desk/[^/?#]+/items$", path);
            Assert.Equal(Sent(hostile), Uri.UnescapeDataString(path["/v1/desk/".Length..^"/items".Length]));
            Assert.Matches("^wish=[^&#]*&fixed=1$", query);
            Assert.Equal(Sent(hostile), Uri.UnescapeDataString(query["wish=".Length..^"&fixed=1".Length]));
            Assert.DoesNotContain("X-Evil", request.Headers.Keys);
            Assert.Equal(new Uri(scene.Api.Url).Authority, request.Headers["Host"]);
            Assert.All(request.Headers["X-Wish"], c => Assert.InRange(c, ' ', '~'));
            var body = JsonNode.Parse(request.Body)!.AsObject();
            Assert.Equal(["wish", "nested"], body.Select(m => m.Key));
            Assert.Equal(Sent(hostile), body["wish"]!.GetValue<string>());
            Assert.Equal($"<{Sent(hostile)}>", body["nested"]!["again"]![0]!.GetValue<string>());
        }

        // What cannot be a part of an address, or of a request at all, is not asked: found nothing, or a colleague has it.
        var conversation = customer.Conversation!;
        Assert.True(scene.Api.Requests.Count > before || conversation.Status == ConversationStatus.Open || conversation.BotReplies[^1].Content == "Nothing.", conversation.Transcript);
        await AssertNothingRanAsync(customer);
    }

    [Theory]
    [MemberData(nameof(Hostile.Texts), MemberType = typeof(Hostile))]
    public async Task An_engines_words_are_words(string hostile)
    {
        var customer = scene.NewCustomer("Ada");
        scene.App.Script.Dialogue = _ => new ProviderReply { Messages = [$"The engine says: {hostile}"], Choices = [KeyValuePair.Create(hostile, "1"), KeyValuePair.Create("Other", "2")] };

        var reply = Assert.Single(await scene.App.SayAsync(customer, "talk to the engine"));

        Assert.Equal("", Reader.Structure(reply));
        Assert.Contains(Reader.Bare(hostile), Reader.Words(reply), StringComparison.Ordinal);
        await AssertNothingRanAsync(customer);
    }

    [Theory]
    [MemberData(nameof(Hostile.All), MemberType = typeof(Hostile))]
    public async Task Agents_read_words_in_the_packet_and_in_the_help_they_get(string hostile)
    {
        var customer = scene.NewCustomer(hostile);
        await scene.RunAsync(customer, "I wish", hostile);
        await scene.App.SayAsync(customer, "a person please");
        var conversation = customer.Conversation!;
        Assert.Equal(ConversationStatus.Open, conversation.Status);
        // With people now: the same question again makes a private note with what was found.
        await scene.App.SayAsync(customer, "show " + hostile);

        Assert.NotEmpty(conversation.Notes);
        foreach (var note in conversation.Notes)
        {
            Assert.DoesNotContain("evil.example", string.Concat(Reader.Structure(note.Content!)), StringComparison.Ordinal);
            Assert.DoesNotMatch("<(img|script|h[1-6]|table|code|pre|del|em|ol)", Reader.Structure(note.Content!));
        }

        await AssertNothingRanAsync(customer);
    }

    [Fact]
    public async Task The_chat_itself_would_run_and_report_a_template()
    {
        var customer = scene.NewCustomer("Ada");
        await scene.App.SayAsync(customer, "blurb");
        var sent = customer.Conversation!.SayBy(scene.App.Bot, "{{ contact.name }}");
        Assert.Equal(("Ada", "contact.name"), (sent.Content, Assert.Single(sent.LiquidExecuted)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/x")]
    [InlineData("http://localhost:1/x")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[::ffff:10.0.0.1]/x")]
    public async Task A_private_address_is_not_asked_and_a_colleague_gets_it(string address)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            IntentsYaml = "private: { route: private }",
            RoutesYaml = "private: { lookup: private, reply: { found: found, failed: { handoff: { reason: lookup-failed } } } }",
            LookupsYaml = $"private: {{ kind: http, url: \"{address}\" }}",
        });
        app.Script.Knows("ask inside", "private");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "ask inside");
        Assert.Contains("private → failed (refused)", Assert.Single(customer.Conversation!.Notes).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var inner = await BackingApi.StartAsync();
        scene.Api.Answer = (context, _) =>
        {
            context.Response.Redirect(inner.Url + "/secret");
            return Task.CompletedTask;
        };
        var customer = scene.NewCustomer("Ada");
        try
        {
            await scene.RunAsync(customer, "ask the desk", "redirect");
        }
        finally
        {
            scene.Api.AnswersWith("""{"ok":true}""");
        }

        Assert.Empty(inner.Requests);
        Assert.Contains("failed (refused)", Assert.Single(customer.Conversation!.Notes).Content, StringComparison.Ordinal);
    }

    // A slot of text is one line.
    private static string Sent(string hostile) => InjectionScene.AsSlot(hostile);

    private async Task AssertNothingRanAsync(PlaygroundCustomer customer)
    {
        var conversation = customer.Conversation!;
        foreach (var message in conversation.Messages)
        {
            Assert.Empty(message.LiquidExecuted);
            if (message.Bot is not null)
            {
                Assert.Equal(message.Content, Reader.Run(message.Content!));
                foreach (var item in message.ContentAttributes.TryGetProperty("items", out var items) ? items.EnumerateArray() : default)
                {
                    Assert.DoesNotContain("evil.example\"", Targets(item), StringComparison.Ordinal);
                }
            }
        }

        Assert.Equal(scene.Tables, scene.ReadTables());
        await scene.App.SettleAsync();
        Assert.Equal(0, (await scene.App.Store.StatisticsAsync(CancellationToken.None)).Parked);
    }

    private static string Targets(JsonElement item) => string.Concat(
        item.EnumerateObject().Where(p => p.Name is "link" or "media_url").Select(p => $"\"{p.Value}\"")
            .Concat(item.TryGetProperty("actions", out var actions) ? actions.EnumerateArray().Select(a => a.TryGetProperty("uri", out var uri) ? $"\"{uri}\"" : "") : []));
}

/// <summary>One running service with a route into every kind of system.</summary>
public sealed class InjectionScene : IAsyncLifetime
{
    internal RouterApplication App { get; private set; } = null!;

    internal BackingApi Api { get; private set; } = null!;

    internal string Tables { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Api = await BackingApi.StartAsync();
        Api.AnswersWith("""{"ok":true}""");
        App = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            BotYaml = "assist: { on: true }\nlimits: { repliesPerMinute: 100 }",
            IntentsYaml = """
                wish: { route: wish }
                show: { route: show }
                desk: { route: desk }
                engine: { route: engine }
                """,
            RoutesYaml = """
                wish:
                  slots: { wish: { type: text, ask: wish.ask, maxLength: 500 } }
                  lookup: wishes
                  reply: { found: [wish.found, wish.cards, wish.articles], notFound: wish.none, failed: { handoff: { reason: lookup-failed } } }
                show:
                  slots: { wish: { type: pattern, pattern: '(?s)show (?<value>.+)', ask: wish.ask } }
                  lookup: wishes
                  reply: { found: wish.found, notFound: wish.none }
                desk:
                  slots: { wish: { type: text, ask: wish.ask, maxLength: 500 } }
                  lookup: desk
                  reply: { found: found, notFound: wish.none, failed: { handoff: { reason: lookup-failed } } }
                engine:
                  reply: provider
                """,
            LookupsYaml = $$$"""
                wishes:
                  kind: sql
                  provider: sqlite
                  connection: "Data Source={orders}"
                  query: "select @wish as title, @wish as about, 'https://shop.example.com/w' as page, (select count(*) from orders where number = @wish or email = @wish) as orders"
                  timeout: 60s
                desk:
                  kind: http
                  method: post
                  url: "{{{Api.Url}}}/v1/desk/{{ wish }}/items?wish={{ wish }}&fixed=1"
                  headers: { X-Wish: "{{ wish }}" }
                  body: { wish: "{{ wish }}", nested: { again: ["<{{ wish }}>"] } }
                  allowPrivate: true
                  timeout: 60s
                """,
            TextsYaml = """
                wish.ask: "What do you wish, {{ contact.name }}?"
                wish.none: "Nothing."
                wish.found: "You said **{{ slots.wish }}**, {{ contact.name }} ({{ contact.shoe }}): {{ result.title }}, {{ result.orders }}\n{{ result.about }}\n- {{ result.title }} [here]({{ result.page }})"
                wish.cards: { type: cards, text: "Cards for {{ contact.name }}:", each: results, items: [{ title: "{{ item.title }}", description: "{{ item.about }}", media_url: "{{ item.title }}", actions: [{ type: link, text: "{{ item.title }}", uri: "{{ item.page }}" }, { type: link, text: x, uri: "{{ item.title }}" }] }] }
                wish.articles: { type: article, text: "Articles:", each: results, items: [{ title: "{{ item.title }}", description: "{{ item.about }}", link: "{{ item.title }}" }] }
                """,
        });
        App.Script.Knows("I wish", "wish");
        App.Script.Knows("ask the desk", "desk");
        App.Script.Knows("talk to the engine", "engine");
        App.Script.Knows("a person please", "talk_to_human");
        Tables = ReadTables();
    }

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        await Api.DisposeAsync();
    }

    internal PlaygroundCustomer NewCustomer(string name)
    {
        var customer = App.Inbox.AddCustomer(name);
        customer.SetCustomAttributes(new { shoe = name });
        return customer;
    }

    /// <summary>A task, and the hostile words as its answer; returns what the bot said after them.</summary>
    internal async Task<IReadOnlyList<PlaygroundMessage>> RunAsync(PlaygroundCustomer customer, string task, string hostile)
    {
        App.Script.Knows("show " + hostile, "show");
        await App.SayAsync(customer, task);
        var before = customer.Conversation!.BotReplies.Count;
        customer.Say(hostile);
        await App.SettleAsync();
        return [.. customer.Conversation.BotReplies.Skip(before)];
    }

    internal string ReadTables()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(App.Directory, "orders.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select group_concat(sql) || (select group_concat(number || email || status || coalesce(eta, '')) from orders) from sqlite_master";
        return (string)command.ExecuteScalar()!;
    }

    internal static string AsSlot(string hostile) => hostile.Trim();
}
