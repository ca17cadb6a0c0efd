using IntentRouter.Configuration;

namespace IntentRouter.Tests.Configuration;

public sealed class SourcesTests : IDisposable
{
    private readonly ConfigurationScene _scene = new ConfigurationScene().Write("intent-router.yaml", ConfigurationScene.Minimal).Write("texts/en.yaml", ConfigurationScene.Texts);

    private RouterOptions Options(string? path = null, string? secrets = null)
    {
        var loaded = _scene.Load(path, secrets);
        Assert.Empty(loaded.Errors);
        return loaded.Configuration!.Options;
    }

    [Fact]
    public void A_variable_that_is_advised_can_be_set_in_a_shell() =>
        Assert.Equal("actions__create_booking__auth__token", SettingsSource.VariableOf("actions:create-booking:auth:token"));

    [Fact]
    public void Later_sources_win_over_earlier_ones()
    {
        _scene.Write("appsettings.json", """{ "Chat": { "BaseUrl": "https://settings.example", "MaxConnections": 5 }, "Engine": { "MaxActive": 7 } }""");
        Assert.Equal(("https://chat.example.com", 5, 7), (Options().Chat.BaseUrl, Options().Chat.MaxConnections, Options().Engine.MaxActive));

        _scene.Variable("Chat__MaxConnections", "6").Variable("Chat__AdminToken", "from-environment");
        _scene.Write("secrets/Chat__AdminToken", "from-a-secret\n");
        Assert.Equal(("from-a-secret", 6), (Options(secrets: "secrets").Chat.AdminToken, Options().Chat.MaxConnections));
    }

    [Theory]
    [InlineData("Urls", "http://127.0.0.1:1234")]
    [InlineData("URLS", "http://127.0.0.1:1234")]
    public void The_public_listener_is_set_by_the_environment(string name, string value) =>
        Assert.Equal(value, new Func<string>(() => { _scene.Variable(name, value); return Options().Urls; })());

    [Fact]
    public void Every_key_can_come_from_the_environment()
    {
        _scene.Variable("Management__Url", "http://127.0.0.1:99").Variable("Public__Url", "https://bots.example.com")
            .Variable("Bots__shop__AccessToken", "from-environment")
            .Variable("BOTS__SHOP__CONFIDENCE__ANSWER", "0.8")
            .Variable("Bots__shop__Accounts__0", "3").Variable("Bots__shop__Accounts__1", "4")
            .Variable("Bots__shop__Languages", "en,de")
            .Variable("Lookups__orders__Timeout", "5s")
            .Variable("Routes__order_status__Proof", "contact")
            .Variable("Nlu__local__training", "x.yaml")
            .Variable("Bots__shop__Hours__Open__mon-fri", "09:00-18:00")
            .Variable("Logging__LogLevel__Default", "Debug");

        var options = Options();

        var shop = Assert.Single(options.Bots).Value;
        Assert.Equal(("http://127.0.0.1:99", "https://bots.example.com", "from-environment", 0.8), (options.Management.Url, options.Public.Url, shop.AccessToken, shop.Confidence.Answer));
        Assert.Equal([3L, 4L], shop.Accounts);
        Assert.Equal(["en", "de"], shop.Languages);
        Assert.Equal(TimeSpan.FromSeconds(5), options.Lookups["orders"].Timeout);
        Assert.Equal("contact", Assert.Single(options.Routes).Value.Proof);
        Assert.Equal("x.yaml", options.Nlu["local"].Settings["training"]);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, options.Logging.LogLevel["default"]);
    }

    [Fact]
    public void An_item_of_a_list_can_be_replaced_by_its_index()
    {
        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace("accessToken: not-a-real-token", "accessToken: not-a-real-token\n    accounts: [3, 4]", StringComparison.Ordinal));
        _scene.Variable("Bots__shop__Accounts__1", "9");

        Assert.Equal([3L, 9L], Options().Bots["shop"].Accounts);
    }

    [Theory]
    [InlineData("CHAT_PORT")]
    [InlineData("PATH")]
    [InlineData("CHAT")]
    [InlineData("Unrelated__Key")]
    [InlineData("Chat__")]
    [InlineData("DOTNET_ENVIRONMENT")]
    public void A_variable_that_is_not_ours_is_left_alone(string name)
    {
        _scene.Variable(name, "tcp://10.0.0.1:80");

        Assert.Empty(_scene.Load().Errors);
    }

    [Fact]
    public void A_wrong_variable_is_named()
    {
        _scene.Variable("Bots__shop__Confidence__Answr", "0.8").Variable("Engine__MaxActive", "many");

        Assert.Equal(
            [("environment", "Bots__shop__Confidence__Answr", "0.8"), ("environment", "Engine__MaxActive", "many")],
            _scene.Load().Errors.Select(p => (p.File!, p.Path, p.Value!)).OrderBy(p => p.Item2, StringComparer.Ordinal));
    }

    [Fact]
    public void A_secret_that_names_no_key_is_pointed_out()
    {
        _scene.Write("secrets/token", "x").Write("secrets/..data", "bookkeeping");

        var problem = Assert.Single(_scene.Load(secrets: "secrets").Problems, p => p.File!.EndsWith("token", StringComparison.Ordinal));
        Assert.True(problem.IsWarning);
    }

    [Fact]
    public void A_collector_that_the_environment_names_wrongly_is_not_passed_over_in_silence()
    {
        _scene.Variable("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", Assert.Single(_scene.Load().Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_stands_among_the_secrets_is_shown()
    {
        _scene.Write("secrets/Bots__shop__Confidence__Answer", "canary");

        var problem = Assert.Single(_scene.Load(secrets: "secrets").Errors);
        Assert.Equal(("bots:shop:confidence:answer", "***"), (problem.Path.ToLowerInvariant(), problem.Value));
    }

    [Fact]
    public void A_bot_that_only_a_secret_or_a_variable_names_is_a_misspelt_one()
    {
        _scene.Write("secrets/Bots__shpo__AccessToken", "x").Variable("Bots__hotel__Key", "0123456789abcdef");

        var problems = _scene.Load(secrets: "secrets").Errors.OrderBy(p => p.Path, StringComparer.Ordinal).ToList();
        Assert.Equal(["Bots__hotel__Key", "bots:shpo"], problems.Select(p => p.Path));
        Assert.Contains("Did you mean 'shop'?", problems[1].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_that_are_named_and_absent_are_an_error() =>
        Assert.True(_scene.Load(secrets: "nowhere").Unreadable);

    [Fact]
    public void A_folder_is_read_as_one_configuration()
    {
        var half = ConfigurationScene.Minimal.IndexOf("nlu:\n  local", StringComparison.Ordinal);
        _scene.Write("config/a.yaml", ConfigurationScene.Minimal[..half]).Write("config/b.yml", ConfigurationScene.Minimal[half..]).Write("config/texts/en.yaml", ConfigurationScene.Texts);
        _scene.Write("config/c.json", """{ "bots": { "shop": { "language": "en-GB" } } }""");

        var options = Options("config");

        Assert.Equal("en-GB", options.Bots["shop"].Language);
        Assert.Equal(Path.Combine(_scene.Folder, "config", "texts"), options.Texts);
    }

    [Fact]
    public void What_two_files_of_a_folder_both_say_is_a_problem()
    {
        _scene.Write("config/a.yaml", ConfigurationScene.Minimal).Write("config/texts/en.yaml", ConfigurationScene.Texts).Write("config/b.yaml", "# second\nchat:\n  baseUrl: https://other.example.com\n");

        var problem = Assert.Single(_scene.Load("config").Errors);

        Assert.Equal(("b.yaml", 3, "chat:baseUrl"), (Path.GetFileName(problem.File), problem.Line, problem.Path));
        Assert.Contains("a.yaml, line 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_json_file_is_a_configuration_too()
    {
        _scene.Write("c.json", """
            {
            	"chat": { "baseUrl": "https:\/\/chat.example.com" },
            	"bots": { "shop": { "key": "8d1f0c6f5a3b4c1e9a7d2b40", "accessToken": "t\u00e4\ud83d\ude00", "nlu": { "use": ["local"] }, "intents": { "a": { "handoff": {} } } } },
            	"nlu": { "local": { "adapter": "local" } }
            }
            """);

        Assert.Equal(("https://chat.example.com", "tä😀"), (Options("c.json").Chat.BaseUrl, Options("c.json").Bots["shop"].AccessToken));
    }

    [Fact]
    public void A_file_that_is_named_and_absent_is_unreadable()
    {
        var loaded = _scene.Load("nowhere.yaml");

        Assert.True(loaded.Unreadable);
        Assert.Contains("--config", loaded.Errors.First().Message, StringComparison.Ordinal);
        Assert.Equal(2, CheckCommand.ExitCode(loaded, strict: false));
    }

    [Fact]
    public void Nothing_at_all_is_said_in_one_line()
    {
        using var empty = new ConfigurationScene();

        var loaded = empty.Load();

        Assert.Contains("There is no configuration", Assert.Single(loaded.Problems).Message, StringComparison.Ordinal);
        Assert.True(loaded.Unreadable);
    }

    [Fact]
    public void What_is_missing_is_missing_from_the_main_file()
    {
        _scene.Write("appsettings.json", "{}").Write("config/a.yaml", ConfigurationScene.Minimal.Replace("  baseUrl: https://chat.example.com", "  maxConnections: 3", StringComparison.Ordinal)).Write("config/texts/en.yaml", ConfigurationScene.Texts);

        var problem = Assert.Single(_scene.Load("config").Errors);

        Assert.Equal(("chat:baseUrl", "a.yaml", 1), (problem.Path, Path.GetFileName(problem.File), problem.Line));
    }

    [Fact]
    public void Paths_refer_to_the_file_that_names_them()
    {
        _scene.Write("etc/router.yaml", ConfigurationScene.Minimal).Write("etc/texts/en.yaml", ConfigurationScene.Texts);

        var options = Options("etc/router.yaml");

        var etc = Path.Combine(_scene.Folder, "etc");
        Assert.Equal(Path.Combine(etc, "texts"), options.Texts);
        Assert.Equal($"Data Source={Path.Combine(etc, "shop.db")}", options.Lookups["orders"].Connection);
        Assert.Equal($"Data Source={Path.Combine(etc, "intent-router.db")}", options.Store.Connection);
        Assert.Equal(Path.Combine(etc, "plugins"), options.Plugins.Directory);
        Assert.Equal(etc, options.Nlu["local"].Directory);
    }

    [Fact]
    public void A_secret_in_a_file_for_everybody_is_warned_about()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.DoesNotContain(_scene.Load().Problems, p => p.Message.Contains("every user", StringComparison.Ordinal));
        File.SetUnixFileMode(Path.Combine(_scene.Folder, "intent-router.yaml"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var warnings = _scene.Load().Problems.Where(p => p.Message.Contains("every user", StringComparison.Ordinal)).ToList();
        Assert.Equal(["bots:shop:key", "bots:shop:accessToken"], warnings.Select(w => w.Path));
        Assert.All(warnings, w => Assert.Equal((true, "***"), (w.IsWarning, w.Value)));
    }

    [Fact]
    public void A_secret_of_an_adapter_in_a_file_for_everybody_is_warned_about()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace(
            "local: { adapter: local }",
            """
            local: { adapter: local }
              lex: { adapter: lex, region: eu-west-1, accessKeyId: AKIA, secretAccessKey: not-real, sessionToken: not-real }
              llm: { adapter: language-model, apiKey: not-real, model: m }
              mine: { adapter: http, token: not-real, headers: { X-Key: not-real, Accept-Language: en } }
              google: { adapter: dialogflow, credentials: key.json, credentialsJson: not-real }
            """,
            StringComparison.Ordinal));
        File.SetUnixFileMode(Path.Combine(_scene.Folder, "intent-router.yaml"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var warnings = _scene.Load().Problems.Where(p => p.Message.Contains("every user", StringComparison.Ordinal) && p.Path.StartsWith("nlu:", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["nlu:google:credentialsJson", "nlu:lex:secretAccessKey", "nlu:lex:sessionToken", "nlu:llm:apiKey", "nlu:mine:headers:X-Key", "nlu:mine:token"],
            warnings.Select(w => w.Path).Order(StringComparer.Ordinal));
        Assert.All(warnings, w => Assert.Equal((true, "***"), (w.IsWarning, w.Value)));
    }

    [Fact]
    public void Training_data_in_the_configuration_folder_is_told_apart_from_configuration()
    {
        _scene.Write("etc/router.yaml", ConfigurationScene.Minimal).Write("etc/texts/en.yaml", ConfigurationScene.Texts)
            .Write("etc/shop.yaml", "version: '3.1'\nnlu:\n- intent: order_status\n  examples: |\n    - where is my order\n");

        var problem = Assert.Single(_scene.Load("etc").Errors);

        Assert.Equal(("shop.yaml", 3, "nlu", "This is training data, not configuration."), (Path.GetFileName(problem.File), problem.Line, problem.Path, problem.Message));
        Assert.Contains("nlu:<entry>:training", problem.Remedy, StringComparison.Ordinal);
        Assert.False(problem.IsWarning);
    }

    [Fact]
    public void The_version_tells_one_configuration_from_another_but_not_a_rotated_token()
    {
        var first = _scene.Load().Configuration!.Version;
        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace("not-a-real-token", "rotated", StringComparison.Ordinal));
        Assert.Equal(first, _scene.Load().Configuration!.Version);

        _scene.Write("texts/en.yaml", ConfigurationScene.Texts + "\nmore: More.");
        var second = _scene.Load().Configuration!.Version;
        _scene.Variable("Bots__shop__Confidence__Answer", "0.9");
        Assert.Equal(3, new[] { first, second, _scene.Load().Configuration!.Version }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{12}$", first);
    }

    public void Dispose() => _scene.Dispose();
}
