using System.Globalization;
using System.Net.Sockets;
using IntentRouter.Configuration;
using IntentRouter.Replies;
using IntentRouter.Turns;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace IntentRouter.Fulfillment;

/// <summary>Sends one-time codes.</summary>
internal interface ICodeSenders
{
    /// <summary>Sends once; never throws except for the caller's cancellation before anything was sent.</summary>
    Task<ActionOutcome> SendAsync(RouterConfiguration configuration, Bot bot, SendCode message, CancellationToken cancellationToken);
}

/// <summary>Through a configured HTTP call or mail server. Thread-safe.</summary>
internal sealed partial class CodeSenders(FulfillmentHttp http, FulfillmentTelemetry telemetry, TimeProvider clock, ILogger<CodeSenders> logger) : ICodeSenders
{
    public Task<ActionOutcome> SendAsync(RouterConfiguration configuration, Bot bot, SendCode message, CancellationToken cancellationToken)
    {
        if (!configuration.Options.Senders.TryGetValue(message.Sender, out var sender))
        {
            return Task.FromResult<ActionOutcome>(new ActionOutcome.Failed(LookupFailure.NotConfigured));
        }

        return telemetry.ActionAsync(message.Sender, async () =>
        {
            try
            {
                var outcome = sender.Kind == "smtp"
                    ? await MailAsync(sender, bot, message, cancellationToken).ConfigureAwait(false)
                    : await CallAsync(sender, bot, message, cancellationToken).ConfigureAwait(false);
                if (outcome is not ActionOutcome.Done)
                {
                    LogNotSent(message.Sender, outcome is ActionOutcome.InDoubt doubt ? doubt.Reason : ((ActionOutcome.Failed)outcome).Reason);
                }

                return outcome;
            }
            catch (Exception ex) when (ex is not OutOfMemoryException)
            {
                LogFaulted(message.Sender, ex.GetType().Name, ex.TargetSite?.Name);
                return new ActionOutcome.InDoubt(LookupFailure.Faulted);
            }
        });
    }

    private async Task<ActionOutcome> CallAsync(CodeSenderOptions sender, Bot bot, SendCode message, CancellationToken cancellationToken)
    {
        var options = new ActionOptions
        {
            Kind = "http",
            Method = "post",
            Url = sender.Url,
            Headers = sender.Headers,
            Body = sender.Body,
            Auth = sender.Auth,
            Timeout = sender.Timeout,
            AllowPrivate = sender.AllowPrivate,
        };
        using var action = new HttpAction(message.Sender, options, http, clock, logger);
        var arguments = new Dictionary<string, string>
        {
            ["code"] = message.Code,
            ["address"] = message.Address,
            ["language"] = message.Language,
            ["text"] = Words(bot, "code.text", message),
        };
        return await action.RunAsync(new ActionCall(arguments, "", bot.Name, 0, 0), cancellationToken).ConfigureAwait(false);
    }

    private async Task<ActionOutcome> MailAsync(CodeSenderOptions sender, Bot bot, SendCode message, CancellationToken cancellationToken)
    {
        if (!MailboxAddress.TryParse(message.Address, out var to) || !MailboxAddress.TryParse(sender.FromAddress, out var from))
        {
            return new ActionOutcome.Failed(LookupFailure.Refused);
        }

        using var mail = new MimeMessage([from], [to], Words(bot, "code.subject", message), new TextPart("plain") { Text = Words(bot, "code.text", message) });
        using var limit = new CancellationTokenSource(sender.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // Certificates are checked; revocation lists are not, since many servers cannot reach them.
        using var smtp = new SmtpClient { CheckCertificateRevocation = false, Timeout = (int)sender.Timeout.TotalMilliseconds };
        var isSending = false;
        try
        {
            using var socket = await PublicAddress.ConnectAsync(sender.Host!, sender.Port, sender.AllowPrivate, both.Token).ConfigureAwait(false);
            await smtp.ConnectAsync(socket, sender.Host!, sender.Port, SecurityOf(sender), both.Token).ConfigureAwait(false);
            if (!string.IsNullOrEmpty(sender.User))
            {
                await smtp.AuthenticateAsync(sender.User, sender.Password ?? "", both.Token).ConfigureAwait(false);
            }

            isSending = true;
            await smtp.SendAsync(mail, both.Token).ConfigureAwait(false);
            isSending = false;
            await smtp.DisconnectAsync(true, CancellationToken.None).ConfigureAwait(false);
            return new ActionOutcome.Done([]);
        }
        catch (AddressRefusedException)
        {
            return new ActionOutcome.Failed(LookupFailure.Refused);
        }
        catch (Exception ex) when (ex is CommandException or ServiceNotAuthenticatedException or AuthenticationException or SslHandshakeException or NotSupportedException)
        {
            // The server said no.
            return new ActionOutcome.Failed(LookupFailure.Refused);
        }
        catch (Exception ex) when (ex is IOException or SocketException or ProtocolException or OperationCanceledException or TimeoutException)
        {
            var reason = ex is OperationCanceledException or TimeoutException ? LookupFailure.TimedOut : LookupFailure.Unreachable;
            return isSending ? new ActionOutcome.InDoubt(reason) : new ActionOutcome.Failed(reason);
        }
    }

    private static SecureSocketOptions SecurityOf(CodeSenderOptions sender) => (sender.Tls, sender.Port) switch
    {
        ("off", _) => SecureSocketOptions.None,
        (_, 465) => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };

    private string Words(Bot bot, string key, SendCode message)
    {
        var scope = new TextScope(
            new Dictionary<string, object?> { ["code"] = message.Code, ["minutes"] = (int)bot.Options.Proof.CodeLife.TotalMinutes }, CultureInfo.GetCultureInfo(message.Language), TimeZoneInfo.Utc, clock.GetUtcNow());
        return bot.Texts.Find(key, message.Language)?.Text.Render(scope, TextForm.Plain) ?? message.Code;
    }

    [LoggerMessage(5021, LogLevel.Warning, "Sender {Sender} could not send a code: {Reason}")]
    private partial void LogNotSent(string sender, LookupFailure reason);

    [LoggerMessage(5020, LogLevel.Error, "Sender {Sender} failed unexpectedly: {Exception} in {Method}")]
    private partial void LogFaulted(string sender, string exception, string? method);
}
