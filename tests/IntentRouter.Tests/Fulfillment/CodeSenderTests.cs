using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Fulfillment;

public sealed class CodeSenderTests : IAsyncLifetime
{
    private readonly FulfillmentScene _scene = new();
    private readonly MailServer _mail = new();
    private BackingApi _api = null!;

    public async Task InitializeAsync() => _api = await BackingApi.StartAsync();

    public async Task DisposeAsync()
    {
        _scene.Dispose();
        await _mail.DisposeAsync();
        await _api.DisposeAsync();
    }

    private CodeSenderOptions Mail => new()
    {
        Kind = "smtp",
        Host = "127.0.0.1",
        Port = _mail.Port,
        FromAddress = "Shop <shop@example.com>",
        Tls = "off",
        AllowPrivate = true,
        Timeout = TimeSpan.FromMinutes(2),
    };

    private Task<ActionOutcome> SendAsync(CodeSenderOptions options, string address = "ada@example.com")
    {
        _scene.Options.Senders["it"] = options;
        var bot = new Bot { Name = "shop", Options = new BotOptions(), Routes = new Dictionary<string, RouteOptions>(), Texts = TextCatalog.Empty };
        return _scene.Get<ICodeSenders>().SendAsync(_scene.Configuration, bot, new SendCode("it", address, "482913", "en"), CancellationToken.None);
    }

    [Fact]
    public async Task A_code_goes_out_by_mail()
    {
        Assert.IsType<ActionOutcome.Done>(await SendAsync(Mail));

        var message = Assert.Single(_mail.Messages);
        Assert.Contains("To: ada@example.com", message, StringComparison.Ordinal);
        Assert.Contains("From: Shop <shop@example.com>", message, StringComparison.Ordinal);
        Assert.Contains("Your code is 482913. It is valid for 10 minutes.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada@example.com\r\nBcc: everyone@example.com")]
    [InlineData("ada@example.com>\r\nRCPT TO:<everyone@example.com")]
    [InlineData("not an address")]
    [InlineData("ada@example.com, everyone@example.com")]
    [InlineData("")]
    public async Task An_address_is_one_address_or_nothing_is_sent(string address)
    {
        var outcome = await SendAsync(Mail, address);

        Assert.IsType<ActionOutcome.Failed>(outcome);
        Assert.Empty(_mail.Messages);
        Assert.DoesNotContain(_mail.Commands, c => c.Contains("everyone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_recipient_that_the_server_refuses_has_certainly_failed()
    {
        _mail.Recipient = "550 nobody of that name";

        Assert.Equal(new ActionOutcome.Failed(LookupFailure.Refused), await SendAsync(Mail));
    }

    [Fact]
    public async Task A_server_that_hangs_up_after_the_message_leaves_it_in_doubt()
    {
        _mail.HangsUpAfterTheMessage = true;

        Assert.IsType<ActionOutcome.InDoubt>(await SendAsync(Mail));
    }

    [Fact]
    public async Task Without_tls_nothing_is_sent_unless_it_is_switched_off()
    {
        var options = Mail;
        options.Tls = "required";

        Assert.Equal(new ActionOutcome.Failed(LookupFailure.Refused), await SendAsync(options));
        Assert.Empty(_mail.Messages);
    }

    [Fact]
    public async Task A_private_mail_server_is_refused_unless_allowed()
    {
        var options = Mail;
        options.AllowPrivate = false;

        Assert.Equal(new ActionOutcome.Failed(LookupFailure.Refused), await SendAsync(options));
        Assert.Empty(_mail.Commands);
    }

    [Fact]
    public async Task A_mail_server_that_is_not_there_has_certainly_failed()
    {
        var options = Mail;
        options.Port = 1;

        Assert.Equal(new ActionOutcome.Failed(LookupFailure.Unreachable), await SendAsync(options));
    }

    [Fact]
    public async Task A_code_goes_out_over_http()
    {
        var options = new CodeSenderOptions { Kind = "http", Url = _api.Url + "/sms", AllowPrivate = true, Timeout = TimeSpan.FromMinutes(2), Body = JsonNode.Parse("""{"to":"{{ address }}","text":"{{ text }}","code":"{{ code }}"}""") };

        Assert.IsType<ActionOutcome.Done>(await SendAsync(options, "+49301234567"));

        var sent = JsonNode.Parse(Assert.Single(_api.Requests).Body)!;
        Assert.Equal(("+49301234567", "482913"), ((string)sent["to"]!, (string)sent["code"]!));
        Assert.StartsWith("Your code is 482913.", (string)sent["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_code_nor_address_is_logged()
    {
        _mail.Recipient = "550 ada@example.com is unknown";
        await SendAsync(Mail);
        _api.AnswersWith("482913", 400);
        await SendAsync(new CodeSenderOptions { Kind = "http", Url = _api.Url + "/{{ address }}/{{ code }}", AllowPrivate = true, Timeout = TimeSpan.FromMinutes(2) });

        Assert.NotEmpty(_scene.Logs.GetSnapshot());
        Assert.DoesNotContain(_scene.Logs.GetSnapshot(), l => l.ToString()!.Contains("482913", StringComparison.Ordinal) || l.ToString()!.Contains("ada@", StringComparison.Ordinal));
    }
}
