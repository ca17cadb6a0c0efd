using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace IntentRouter.Playground;

/// <summary>Runs one call: throttle, scripted trouble, token, account, right, handler; then the ledger and the answer.</summary>
internal sealed class ApiPipeline(PlaygroundChat chat)
{
    private readonly ConcurrentDictionary<(string Client, long Minute), int> _requests = new();

    public async Task InvokeAsync(HttpContext context, ApiRoute route)
    {
        var (begunAt, begunStamp) = (chat.Now, chat.Mark());
        var (body, call) = await ReadAsync(context);
        var owner = Token(context) is { Length: > 0 } token ? chat.FindTokenOwner(token) : null;
        var seen = new PlaygroundCall(
            route.Endpoint, context.Request.Method, context.Request.Path.Value ?? "", Id(context, "account"), Id(context, "cid"), owner, body);
        var fault = chat.Faults.Take(seen);
        if (fault is { Applies: PlaygroundFault.Effect.Later } late)
        {
            chat.RunLater(late.Delay, () => Execute(context, route, call, owner, begunAt, begunStamp, status: null));
        }

        if (fault?.First is { } first)
        {
            try
            {
                await first(seen, context.RequestAborted);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                return;
            }
        }

        ApiAnswer answer;
        if (fault is null or { Passes: true })
        {
            answer = Execute(context, route, call, owner, begunAt, begunStamp, status: null, answersCaller: true);
        }
        else
        {
            if (fault.Applies == PlaygroundFault.Effect.Before)
            {
                Execute(context, route, call, owner, begunAt, begunStamp, fault.StatusCode);
            }
            else if (fault.Applies == PlaygroundFault.Effect.None)
            {
                Note(route, call, owner, context, begunAt, begunStamp, fault.StatusCode);
            }

            if (fault.StatusCode is not { } status)
            {
                context.Abort();
                return;
            }

            answer = ApiAnswer.Text(status, fault.Body, fault.BodyType) with { RetryAfter = fault.RetryAfter };
        }

        await WriteAsync(context, answer);
    }

    public static async Task WriteAsync(HttpContext context, ApiAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        if (answer.RetryAfter is { } after)
        {
            context.Response.Headers.RetryAfter = ((long)after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private ApiAnswer Execute(
        HttpContext context, ApiRoute route, ApiCall call, object? owner, DateTimeOffset begunAt, long begunStamp, int? status, bool answersCaller = false)
    {
        ApiAnswer answer;
        try
        {
            answer = chat.Locked(() =>
            {
                Throttle(context);
                if (call.Malformed)
                {
                    throw ApiRefusal.BadRequest();
                }

                Admit(context, route, call, owner);
                return route.Handler(call);
            });
        }
        catch (ApiRefusal refusal)
        {
            answer = refusal.Answer;
        }

        Note(route, call, owner, context, begunAt, begunStamp, answersCaller ? answer.Status : status);
        return answer;
    }

    private void Note(ApiRoute route, ApiCall call, object? owner, HttpContext context, DateTimeOffset begunAt, long begunStamp, int? status)
    {
        if (route.Endpoint is PlaygroundEndpoint.CreateMessage && owner is PlaygroundBot bot)
        {
            chat.Ledger.Add(new PlaygroundLedgerEntry
            {
                Bot = bot,
                AccountId = Id(context, "account") ?? 0,
                ConversationId = Id(context, "cid") ?? 0,
                Message = call.Created,
                Content = call.Text("content"),
                ContentAttributes = call.Value("content_attributes")?.Clone() ?? Json.EmptyObject,
                Private = call.Flag("private"),
                BegunAt = begunAt,
                BegunStamp = begunStamp,
                EndedAt = chat.Now,
                EndedStamp = chat.Mark(),
                StatusCode = status,
            });
        }

        chat.Changed();
    }

    private void Admit(HttpContext context, ApiRoute route, ApiCall call, object? owner)
    {
        if ((route.Since is { } since && chat.Behaviour.Version < since) || (route.OneHashOnly && !chat.Behaviour.IsOneHash))
        {
            throw new ApiRefusal(ApiAnswer.Text(404, """{"status":404,"error":"Not Found"}"""));
        }

        if (route.Endpoint == PlaygroundEndpoint.Platform)
        {
            call.Caller = owner as PlaygroundPlatformApp ?? throw ApiRefusal.Unauthorized("Invalid access_token");
            return;
        }

        call.Caller = owner ?? throw (Token(context) is { Length: > 0 } ? ApiRefusal.Unauthorized("Invalid Access Token") : ApiRefusal.SignIn());
        if (owner is not PlaygroundUser && !(owner is PlaygroundBot && route.Bots is { } bots && chat.Behaviour.Version >= bots))
        {
            throw ApiRefusal.Unauthorized("Access to this endpoint is not authorized for bots");
        }

        if (!context.Request.RouteValues.ContainsKey("account"))
        {
            return;
        }

        call.Account = Id(context, "account") is { } id && chat.Account(id) is { } account ? account : throw ApiRefusal.NotFound();
        if (call.Account.Suspended)
        {
            throw ApiRefusal.Unauthorized("Account is suspended");
        }

        if (owner is PlaygroundBot bot)
        {
            AdmitBot(call.Account, bot);
        }
        else if (!((PlaygroundUser)owner).Roles.TryGetValue(call.Account.Id, out var role))
        {
            throw ApiRefusal.Unauthorized("You are not authorized to access this account");
        }
        else
        {
            call.IsAdministrator = role == UserRole.Administrator;
        }

        if (chat.Behaviour.HasApiFeatureFlag && !call.Account.ApiEnabled)
        {
            throw new ApiRefusal(ApiAnswer.Error(403, "API access is not enabled for this account"));
        }

        if (route.AdministratorsOnly && !call.IsAdministrator)
        {
            throw ApiRefusal.Unauthorized("You are not authorized to do this action");
        }
    }

    private void AdmitBot(PlaygroundAccount account, PlaygroundBot bot)
    {
        var connected = account.InboxList.Exists(i => i.Bot == bot);
        if (!connected && !(chat.Behaviour.BotTokenWorksInOwnAccount && bot.Account == account))
        {
            throw ApiRefusal.Unauthorized(chat.Behaviour.IsOneHash
                ? "You are not authorized to access this account"
                : "Bot is not authorized to access this account");
        }
    }

    private void Throttle(HttpContext context)
    {
        if (chat.Options.RequestsPerMinute is not { } limit)
        {
            return;
        }

        var key = (context.Connection.RemoteIpAddress?.ToString() ?? "", chat.Now.ToUnixTimeSeconds() / 60);
        if (_requests.AddOrUpdate(key, 1, (_, n) => n + 1) > limit)
        {
            throw new ApiRefusal(ApiAnswer.Text(429, "Retry later\n", "text/plain"));
        }
    }

    private string? Token(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (!chat.Options.DropsUnderscoreHeaders && headers.TryGetValue("api_access_token", out StringValues underscored))
        {
            return underscored;
        }

        return headers.TryGetValue("Api-Access-Token", out StringValues hyphened) ? (string?)hyphened : null;
    }

    private async Task<(ReadOnlyMemory<byte> Body, ApiCall Call)> ReadAsync(HttpContext context)
    {
        if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var fields = form.ToDictionary(f => f.Key, f => f.Value.ToString());
            var files = form.Files.Select(f => new PlaygroundAttachment
            {
                Id = chat.TakeAttachmentId(),
                FileName = f.FileName,
                FileSize = f.Length,
                Kind = f.ContentType.Split('/')[0] switch
                {
                    "image" => AttachmentKind.Image,
                    "audio" => AttachmentKind.Audio,
                    "video" => AttachmentKind.Video,
                    _ => AttachmentKind.File,
                },
            }).ToArray();
            return (ReadOnlyMemory<byte>.Empty, new ApiCall(chat, context, Json.From(fields), files));
        }

        using var buffer = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, 1_000_000));
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        try
        {
            var parsed = body.Length == 0 ? Json.EmptyObject : JsonDocument.Parse(body).RootElement;
            return (body, new ApiCall(chat, context, parsed.ValueKind == JsonValueKind.Object ? parsed : Json.EmptyObject, []));
        }
        catch (JsonException)
        {
            return (body, new ApiCall(chat, context, Json.EmptyObject, []) { Malformed = true });
        }
    }

    private static long? Id(HttpContext context, string name) =>
        long.TryParse(context.Request.RouteValues[name] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
