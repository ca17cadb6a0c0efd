using IntentRouter.Configuration;

namespace IntentRouter.Tests.Provisioning;

public sealed class BotsCommandTests
{
    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Creating_twice_makes_one_bot_and_connects_it_once(string version)
    {
        await using var scene = await CommandScene.StartAsync(version);

        var first = await scene.RunAsync($"bots create --bot shop --inbox {scene.Inbox.Id} --json");
        var second = await scene.RunAsync($"bots create --bot shop --inbox {scene.Inbox.Id} --json");

        var bot = Assert.Single(scene.Chat.Bots);
        Assert.Equal((0, 0), (first.Exit, second.Exit));
        Assert.Equal("Shop", bot.Name);
        Assert.Equal(CommandScene.Url, bot.OutgoingUrl);
        Assert.Equal(scene.Account, bot.Account);
        Assert.Equal(bot, scene.Inbox.Bot);
        Assert.Equal("created", first.Json.GetProperty("change").GetString());
        Assert.Equal("unchanged", second.Json.GetProperty("change").GetString());
        Assert.Equal("connected", first.Json.GetProperty("inboxes")[0].GetProperty("change").GetString());
        Assert.Equal("already-connected", second.Json.GetProperty("inboxes")[0].GetProperty("change").GetString());
        Assert.Equal(CommandScene.Url, first.Json.GetProperty("url").GetString());
        Assert.Equal(bot.AccessToken, first.Json.GetProperty("accessToken").GetString());
        Assert.Equal(version == "4.16.2" ? bot.Secret : null, first.Json.GetProperty("webhookSecret").GetString());
    }

    [Fact]
    public async Task Creating_prints_the_bot_url_and_what_the_configuration_needs()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Options.Bots.Clear();

        var ran = await scene.RunAsync($"bots create --bot shop --account {scene.Account.Id}");

        var bot = Assert.Single(scene.Chat.Bots);
        Assert.Equal(0, ran.Exit);
        Assert.Contains($"Bot URL: {bot.OutgoingUrl}", ran.Output, StringComparison.Ordinal);
        Assert.Contains($"accessToken: {bot.AccessToken}", ran.Output, StringComparison.Ordinal);
        Assert.Contains($"key: {bot.OutgoingUrl!.Split('/')[^1]}", ran.Output, StringComparison.Ordinal);
        Assert.True(bot.OutgoingUrl!.Length > 16 + "https://bots.example.com/bots/shop/".Length);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Without_a_key_in_the_configuration_the_one_in_use_stays(string version)
    {
        await using var scene = await CommandScene.StartAsync(version);
        await scene.RunAsync("bots create --bot shop");
        scene.Shop.Key = null;

        var again = await scene.RunAsync("bots create --bot shop --json");

        Assert.Equal((0, "unchanged"), (again.Exit, again.Json.GetProperty("change").GetString()));
        Assert.Equal("a-key-of-good-length", again.Json.GetProperty("key").GetString());
        Assert.Equal(CommandScene.Url, Assert.Single(scene.Chat.Bots).OutgoingUrl);
    }

    [Fact]
    public async Task Where_the_chat_hides_the_address_no_new_key_cuts_off_a_running_service()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Shop.Accounts = null;
        scene.Options.Chat.PlatformToken = scene.Platform.AccessToken;
        await scene.RunAsync("bots create --bot shop");
        scene.Shop.Key = null;

        var again = await scene.RunAsync("bots create --bot shop");

        Assert.Equal(1, again.Exit);
        Assert.Contains("bots:shop:key", again.Error, StringComparison.Ordinal);
        Assert.Equal(CommandScene.Url, Assert.Single(scene.Chat.Bots).OutgoingUrl);
    }

    [Fact]
    public async Task Rotating_a_bot_that_is_not_configured_names_those_that_are()
    {
        await using var scene = await CommandScene.StartAsync();

        var ran = await scene.RunAsync("bots rotate --bot shopp");

        Assert.Equal(2, ran.Exit);
        Assert.Contains("shop", ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("platformToken", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_global_bot_is_created_by_the_platform_app_and_found_again(string version)
    {
        await using var scene = await CommandScene.StartAsync(version);
        scene.Shop.Accounts = null;
        scene.Options.Chat.PlatformToken = scene.Platform.AccessToken;

        var first = await scene.RunAsync("bots create --bot shop --json");
        var second = await scene.RunAsync("bots create --bot shop --json");
        var connected = await scene.RunAsync($"bots connect --bot shop --account {scene.Account.Id} --inbox {scene.Inbox.Id}");

        var bot = Assert.Single(scene.Chat.Bots);
        Assert.Null(bot.Account);
        Assert.Equal(CommandScene.Url, bot.OutgoingUrl);
        Assert.Equal((0, 0, 0), (first.Exit, second.Exit, connected.Exit));
        Assert.Equal(bot.AccessToken, second.Json.GetProperty("accessToken").GetString());
        Assert.Equal(bot, scene.Inbox.Bot);
    }

    [Fact]
    public async Task A_platform_list_that_dies_of_a_deleted_bot_does_not_lead_to_a_second_one()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Shop.Accounts = null;
        scene.Options.Chat.PlatformToken = scene.Platform.AccessToken;
        await scene.RunAsync("bots create --bot shop");
        var doomed = scene.Chat.AddGlobalBot("Doomed", null);
        scene.Chat.Grant(scene.Platform, doomed);
        using (var http = new HttpClient { BaseAddress = scene.Server.BaseUrl })
        {
            var other = scene.Chat.AddPlatformApp("other");
            scene.Chat.Grant(other, doomed);
            http.DefaultRequestHeaders.Add("Api-Access-Token", other.AccessToken);
            (await http.DeleteAsync(new Uri($"/platform/api/v1/agent_bots/{doomed.Id}", UriKind.Relative))).EnsureSuccessStatusCode();
        }

        var blind = await scene.RunAsync("bots create --bot shop");
        Assert.Equal(3, blind.Exit);
        Assert.Contains("--id", blind.Error, StringComparison.Ordinal);

        var bot = scene.Chat.Bots.Single(b => b.Name == "Shop");
        Assert.Equal(0, (await scene.RunAsync($"bots create --bot shop --id {bot.Id}")).Exit);
        Assert.Single(scene.Chat.Bots, b => b.Name == "Shop");
    }

    [Fact]
    public async Task A_new_public_address_is_written_to_the_bot_that_is_there()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync("bots create --bot shop");
        scene.Options.Public.Url = "https://new.example.com/router/";

        var ran = await scene.RunAsync("bots create --bot shop --json");

        Assert.Equal("updated", ran.Json.GetProperty("change").GetString());
        Assert.Equal("https://new.example.com/router/bots/shop/a-key-of-good-length", Assert.Single(scene.Chat.Bots).OutgoingUrl);
    }

    [Fact]
    public async Task A_bot_of_the_same_name_that_serves_someone_else_is_not_taken_silently()
    {
        await using var scene = await CommandScene.StartAsync();
        var foreign = scene.Account.AddBot("Shop", "https://other.example.com/hook/secret-part");

        var refused = await scene.RunAsync("bots create --bot shop");
        Assert.Equal(1, refused.Exit);
        Assert.DoesNotContain("secret-part", refused.Error, StringComparison.Ordinal);
        Assert.Equal("https://other.example.com/hook/secret-part", foreign.OutgoingUrl);

        Assert.Equal(0, (await scene.RunAsync("bots create --bot shop --take-over")).Exit);
        Assert.Equal(CommandScene.Url, foreign.OutgoingUrl);
    }

    [Fact]
    public async Task Two_bots_that_could_be_meant_are_named()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Account.AddBot("Shop", null);
        var second = scene.Account.AddBot("Shop", null);

        var ran = await scene.RunAsync("bots create --bot shop --json");

        Assert.Equal(1, ran.Exit);
        Assert.Contains($"id {second.Id}", ran.Json.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await scene.RunAsync($"bots create --bot shop --id {second.Id}")).Exit);
    }

    [Fact]
    public async Task Connecting_says_which_inboxes_there_are_and_never_replaces_another_bot_unasked()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync("bots create --bot shop");
        scene.Shop.AccessToken = scene.Chat.Bots[0].AccessToken;
        var other = scene.Account.AddBot("Other", "https://other.example.com/x");
        scene.Inbox.Connect(other);

        var unnamed = await scene.RunAsync("bots connect --bot shop");
        Assert.Equal(2, unnamed.Exit);
        Assert.Contains($"{scene.Inbox.Id} (Shop website)", unnamed.Error, StringComparison.Ordinal);

        var taken = await scene.RunAsync($"bots connect --bot shop --inbox {scene.Inbox.Id}");
        Assert.Equal(1, taken.Exit);
        Assert.Equal(other, scene.Inbox.Bot);

        var replaced = await scene.RunAsync($"bots connect --bot shop --inbox {scene.Inbox.Id} --replace");
        Assert.Equal(0, replaced.Exit);
        Assert.Equal("Shop", scene.Inbox.Bot!.Name);
        Assert.Contains("The bot's token works in this account.", replaced.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await scene.RunAsync($"bots connect --bot shop --inbox {scene.Inbox.Id} --disconnect")).Exit);
        Assert.Null(scene.Inbox.Bot);
    }

    [Fact]
    public async Task Connecting_notices_a_token_that_does_not_work()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync("bots create --bot shop");
        scene.Shop.AccessToken = "an-old-token";

        var ran = await scene.RunAsync($"bots connect --bot shop --inbox {scene.Inbox.Id}");

        Assert.Equal(1, ran.Exit);
        Assert.DoesNotContain("an-old-token", ran.Error + ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent", 2, "administrator")]
    [InlineData("bot", 2, "administrator")]
    [InlineData("none", 2, "--console")]
    [InlineData("wrong", 2, "does not know this token")]
    public async Task A_token_that_cannot_do_it_is_explained(string token, int exit, string words)
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Inbox.Connect(scene.Account.AddBot("Elsewhere", null));
        scene.Options.Chat.AdminToken = token switch
        {
            "agent" => scene.Account.AddUser("Tomas Berg").AccessToken,
            "bot" => scene.Inbox.Bot!.AccessToken,
            "wrong" => "wrong",
            _ => null,
        };

        var ran = await scene.RunAsync("bots create --bot shop");

        Assert.Equal(exit, ran.Exit);
        Assert.Contains(words, ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_that_is_not_there_is_an_outside_failure()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Options.Chat.BaseUrl = "http://127.0.0.1:9";

        Assert.Equal(3, (await scene.RunAsync("bots create --bot shop")).Exit);
    }

    [Fact]
    public async Task Without_a_public_address_there_is_no_url_to_print()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Options.Public.Url = null;

        var ran = await scene.RunAsync("bots create --bot shop");

        Assert.Equal(2, ran.Exit);
        Assert.Contains("public.url", ran.Error, StringComparison.Ordinal);
        Assert.Empty(scene.Chat.Bots);
    }

    [Fact]
    public async Task The_console_steps_need_no_token_and_no_chat()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Options.Chat = new ChatOptions();

        var ran = await scene.RunAsync("bots create --bot shop --inbox 12 --name \"Mara's #{bot}\" --console");

        Assert.Equal(0, ran.Exit);
        Assert.Contains(@"AgentBot.find_or_initialize_by(name: 'Mara\'s #{bot}', account_id: 3)", ran.Output, StringComparison.Ordinal);
        Assert.Contains($"outgoing_url: '{CommandScene.Url}'", ran.Output, StringComparison.Ordinal);
        Assert.Contains("AgentBotInbox.find_or_initialize_by(inbox_id: 12)", ran.Output, StringComparison.Ordinal);
        foreach (var line in (string[])["bots list --console", "bots connect --bot shop --inbox 12 --console", "bots rotate --bot shop --console"])
        {
            Assert.Equal(0, (await scene.RunAsync(line)).Exit);
        }
    }

    [Fact]
    public async Task Listing_shows_urls_and_inboxes()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync($"bots create --bot shop --inbox {scene.Inbox.Id}");

        var ran = await scene.RunAsync("bots list");
        Assert.Contains(CommandScene.Url, ran.Output, StringComparison.Ordinal);
        Assert.Contains($"inboxes {scene.Inbox.Id} (Shop website)", ran.Output, StringComparison.Ordinal);

        var json = (await scene.RunAsync("bots list --json")).Json;
        Assert.Equal(scene.Inbox.Id, json.GetProperty("bots")[0].GetProperty("chat")[0].GetProperty("inboxes")[0].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_key_is_rotated_in_two_runs_so_that_no_event_meets_an_unknown_key()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync("bots create --bot shop");
        var bot = Assert.Single(scene.Chat.Bots);

        var first = await scene.RunAsync("bots rotate --bot shop --key --json");
        var next = first.Json.GetProperty("nextKey").GetString()!;
        Assert.Equal(0, first.Exit);
        Assert.Equal(CommandScene.Url, bot.OutgoingUrl);

        (scene.Shop.PreviousKey, scene.Shop.Key) = (scene.Shop.Key, next);
        var early = await scene.RunAsync("bots rotate --bot shop --key");
        Assert.Equal(1, early.Exit);
        Assert.Equal(CommandScene.Url, bot.OutgoingUrl);

        scene.Answering.Add($"https://bots.example.com/bots/shop/{next}");
        Assert.Equal(0, (await scene.RunAsync("bots rotate --bot shop --key")).Exit);
        Assert.Equal($"https://bots.example.com/bots/shop/{next}", bot.OutgoingUrl);
    }

    [Fact]
    public async Task On_the_first_version_a_token_is_rotated_on_the_console()
    {
        await using var scene = await CommandScene.StartAsync();
        await scene.RunAsync("bots create --bot shop");
        var bot = Assert.Single(scene.Chat.Bots);
        var token = bot.AccessToken;

        var ran = await scene.RunAsync("bots rotate --bot shop --token");

        Assert.Equal(1, ran.Exit);
        Assert.Contains($"AgentBot.find({bot.Id})", ran.Output, StringComparison.Ordinal);
        Assert.Contains("regenerate_token", ran.Output, StringComparison.Ordinal);
        Assert.Equal(token, bot.AccessToken);
    }

    [Fact]
    public async Task On_a_later_version_token_and_secret_are_rotated_at_once()
    {
        await using var scene = await CommandScene.StartAsync("4.16.2");
        await scene.RunAsync("bots create --bot shop");
        var bot = Assert.Single(scene.Chat.Bots);
        var (token, secret) = (bot.AccessToken, bot.Secret);

        var ran = await scene.RunAsync("bots rotate --bot shop --json");

        Assert.Equal(0, ran.Exit);
        Assert.NotEqual(token, bot.AccessToken);
        Assert.NotEqual(secret, bot.Secret);
        Assert.Equal(bot.AccessToken, ran.Json.GetProperty("accessToken").GetString());
        Assert.Equal(bot.Secret, ran.Json.GetProperty("webhookSecret").GetString());
        Assert.NotNull(ran.Json.GetProperty("nextKey").GetString());
    }

    [Fact]
    public async Task Two_runs_that_leave_the_bot_out_ask_which_one()
    {
        await using var scene = await CommandScene.StartAsync();
        scene.Options.Bots["hotel"] = new BotOptions { Key = "another-key-of-length", Accounts = [scene.Account.Id] };

        var ran = await scene.RunAsync("bots create");

        Assert.Equal(2, ran.Exit);
        Assert.Contains("hotel, shop", ran.Error, StringComparison.Ordinal);
    }
}
