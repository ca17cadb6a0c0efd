using System.Net.Http.Json;
using IntentRouter.Configuration;
using IntentRouter.Provisioning;

namespace IntentRouter.Tests.Provisioning;

public sealed class DoctorTests
{
    [Theory]
    [InlineData("4.2.0", "sends each event once and never again")]
    [InlineData("4.8.0", "opens the conversation to people")]
    [InlineData("4.12.0", "unsigned")]
    [InlineData("4.16.2", "and signs them")]
    public async Task A_good_set_up_has_no_complaint_and_the_version_is_explained(string version, string words)
    {
        await using var scene = await ReadyAsync(version);

        var ran = await scene.RunAsync("doctor");

        Assert.Equal(0, ran.Exit);
        Assert.DoesNotContain("FAIL", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn", ran.Output, StringComparison.Ordinal);
        Assert.Contains(words, ran.Output, StringComparison.Ordinal);
        Assert.Contains($"Connected to Shop website ({scene.Inbox.Id})", ran.Output, StringComparison.Ordinal);
        Assert.EndsWith("All is well." + Environment.NewLine, ran.Output, StringComparison.Ordinal);
    }

    /// <summary>What is broken, what the doctor must say of it, and the exit code.</summary>
    public static TheoryData<string, string, string, int> Complaints => new()
    {
        { "no-base-url", "4.2.0", "chat.baseUrl is missing", 1 },
        { "chat-down", "4.2.0", "No answer from the chat", 3 },
        { "not-a-chat", "4.2.0", "must answer with the version", 1 },
        { "no-token", "4.2.0", "accessToken is not set", 1 },
        { "users-token", "4.2.0", "a person's token", 1 },
        { "platform-token", "4.2.0", "a platform app's token", 1 },
        { "super-admin-token", "4.2.0", "a super admin's token is answered like this", 1 },
        { "old-token", "4.2.0", "does not know this token", 1 },
        { "unconnected", "4.2.0", "connected to none of its inboxes", 1 },
        { "unconnected", "4.16.2", "Connected to no inbox", 1 },
        { "agent-as-admin", "4.2.0", "an agent, not an administrator", 1 },
        { "bot-as-admin", "4.2.0", "not a user's token", 1 },
        { "suspended", "4.2.0", "suspended", 1 },
        { "api-off", "4.16.2", "API access is not enabled", 1 },
        { "wrong-url-on-chat", "4.2.0", "posts to https://old.example.com/bots/shop/…", 1 },
        { "no-url-on-chat", "4.2.0", "no URL on the chat", 1 },
        { "wrong-secret", "4.16.2", "webhookSecret is not the bot's secret", 1 },
        { "no-secret", "4.16.2", "only the key in the URL protects the bot", 0 },
        { "required-signature", "4.2.0", "signs nothing", 1 },
        { "private-address", "4.16.2", "The address is private", 0 },
        { "dotless-host", "4.2.0", "no dot", 0 },
        { "service-down", "4.2.0", "Nothing answers", 3 },
        { "greeting", "4.2.0", "its own greeting and e-mail collection", 0 },
        { "webhook-too", "4.2.0", "every message comes twice", 0 },
        { "dialogflow-too", "4.2.0", "the chat's own Dialogflow integration too: both would answer", 1 },
        { "old-pending", "4.2.0", "older than", 0 },
        { "no-public-url", "4.2.0", "public.url is not set", 1 },
        { "proxy", "4.2.0", "ok", 0 },
    };

    [Theory]
    [MemberData(nameof(Complaints))]
    public async Task Each_complaint_that_can_be_seen_from_here_is_put_into_plain_words(string broken, string version, string words, int exit)
    {
        await using var scene = await ReadyAsync(version);
        Break(scene, broken);

        var ran = await scene.RunAsync("doctor");

        Assert.Contains(words, ran.Output, StringComparison.Ordinal);
        Assert.Equal(exit, ran.Exit);
        Assert.DoesNotContain(scene.Admin.AccessToken, ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("a-key-of-good-length", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(scene.Chat.Bots[0].AccessToken, ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_global_bot_need_not_serve_every_account_of_the_administrator()
    {
        await using var scene = await CommandScene.StartAsync("4.16.2");
        var other = scene.Chat.AddAccount("Other");
        scene.Chat.Grant(scene.Platform, other);
        scene.Chat.Grant(scene.Platform, scene.Admin);
        using var http = new HttpClient { BaseAddress = scene.Server.BaseUrl };
        http.DefaultRequestHeaders.Add("Api-Access-Token", scene.Platform.AccessToken);
        using var joined = await http.PostAsJsonAsync(
            new Uri($"platform/api/v1/accounts/{other.Id}/account_users", UriKind.Relative), new { user_id = scene.Admin.Id, role = "administrator" });
        joined.EnsureSuccessStatusCode();
        var bot = scene.Chat.AddGlobalBot("Shop", CommandScene.Url);
        scene.Inbox.Connect(bot);
        (scene.Shop.Accounts, scene.Shop.AccessToken, scene.Shop.AgentBotId, scene.Shop.Signature) = ([], bot.AccessToken, bot.Id, SignatureMode.Off);
        scene.Answering.Add(CommandScene.Url);

        var ran = await scene.RunAsync("doctor");

        Assert.Contains($"Not connected in account {other.Id}.", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", ran.Output, StringComparison.Ordinal);
        Assert.Equal(0, ran.Exit);
    }

    [Fact]
    public async Task A_bot_on_the_playground_is_not_asked_for_keys_that_serve_makes_up()
    {
        await using var scene = await CommandScene.StartAsync("4.2.0");
        scene.Options.Chat.IsPlayground = true;
        (scene.Shop.Key, scene.Shop.AccessToken) = (null, null);

        var ran = await scene.RunAsync("doctor");

        Assert.Equal(0, ran.Exit);
        Assert.Contains("The chat is the playground", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_parts_add_their_findings()
    {
        await using var scene = await ReadyAsync("4.2.0");
        scene.Checks.Add(new Says(Finding.Outside("nlu dialogflow-eu", "No answer.", "Look at the project's quota.")));

        var ran = await scene.RunAsync("doctor --json");

        Assert.Equal(3, ran.Exit);
        Assert.False(ran.Json.GetProperty("ok").GetBoolean());
        Assert.Contains(ran.Json.GetProperty("findings").EnumerateArray(), f => f.GetProperty("area").GetString() == "nlu dialogflow-eu" && f.GetProperty("level").GetString() == "outside");
    }

    private static async Task<CommandScene> ReadyAsync(string version)
    {
        var scene = await CommandScene.StartAsync(version);
        var created = await scene.RunAsync($"bots create --bot shop --inbox {scene.Inbox.Id} --json");
        scene.Shop.AccessToken = created.Json.GetProperty("accessToken").GetString();
        scene.Shop.AgentBotId = created.Json.GetProperty("id").GetInt64();
        scene.Shop.WebhookSecret = created.Json.GetProperty("webhookSecret").GetString();
        scene.Answering.Add(CommandScene.Url);
        return scene;
    }

    private static void Break(CommandScene scene, string broken)
    {
        var bot = scene.Chat.Bots[0];
        switch (broken)
        {
            case "no-base-url":
                scene.Options.Chat.BaseUrl = null;
                break;
            case "chat-down":
                scene.Options.Chat.BaseUrl = "http://127.0.0.1:9";
                break;
            case "not-a-chat":
                scene.Options.Chat.BaseUrl += "elsewhere";
                break;
            case "no-token":
                scene.Shop.AccessToken = null;
                break;
            case "users-token":
                scene.Shop.AccessToken = scene.Account.AddUser("Tomas Berg").AccessToken;
                break;
            case "platform-token":
                scene.Shop.AccessToken = scene.Platform.AccessToken;
                break;
            case "super-admin-token":
                scene.Shop.AccessToken = scene.Chat.AddSuperAdminToken();
                break;
            case "old-token":
                scene.Shop.AccessToken = "rotated-meanwhile";
                break;
            case "unconnected":
                scene.Inbox.Disconnect();
                break;
            case "agent-as-admin":
                scene.Options.Chat.AdminToken = scene.Account.AddUser("Tomas Berg").AccessToken;
                break;
            case "bot-as-admin":
                scene.Options.Chat.AdminToken = scene.Account.AddBot("Other", null).AccessToken;
                break;
            case "suspended":
                scene.Account.Suspended = true;
                break;
            case "api-off":
                scene.Account.ApiEnabled = false;
                break;
            case "wrong-url-on-chat":
                bot.OutgoingUrl = "https://old.example.com/bots/shop/old-key";
                break;
            case "no-url-on-chat":
                bot.OutgoingUrl = null;
                break;
            case "wrong-secret":
                scene.Shop.WebhookSecret = bot.AccessToken;
                break;
            case "no-secret":
                scene.Shop.WebhookSecret = null;
                break;
            case "required-signature":
                scene.Shop.Signature = SignatureMode.Required;
                break;
            case "private-address":
                MoveTo(scene, "http://10.0.0.7:8080");
                break;
            case "dotless-host":
                MoveTo(scene, "https://intent-router");
                break;
            case "service-down":
                scene.Answering.Clear();
                break;
            case "greeting":
                scene.Inbox.Greeting = "Welcome!";
                scene.Inbox.CollectsEmail = true;
                break;
            case "webhook-too":
                scene.Account.AddWebhook(CommandScene.Url, "message_created");
                break;
            case "dialogflow-too":
                scene.Inbox.HasDialogflow = true;
                break;
            case "old-pending":
                scene.Options.Chat.Sweep.TooOld = TimeSpan.FromTicks(1);
                scene.Inbox.AddCustomer().Say("Hello?");
                break;
            case "no-public-url":
                scene.Options.Public.Url = null;
                break;
        }
    }

    private static void MoveTo(CommandScene scene, string address)
    {
        scene.Options.Public.Url = address;
        scene.Chat.Bots[0].OutgoingUrl = address + "/bots/shop/a-key-of-good-length";
        scene.Answering.Add(scene.Chat.Bots[0].OutgoingUrl!);
    }

    private sealed class Says(params Finding[] findings) : IDoctorCheck
    {
        public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>(findings);
    }
}
