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
        var (body, call) = await ReadAsync(context);
        var seen = new PlaygroundCall(
            route.Endpoint, context.Request.Method, context.Request.Path.Value ?? "", call.AccountId, call.ConversationId, call.Owner, body);
        var fault = chat.Faults.Take(seen);
        if (fault is { Applies: PlaygroundFault.Effect.Later })
        {
            chat.RunLater(fault.Delay, () =>
            {
                Execute(route, call);
                Note(route, call, status: null);
            });
        }

        if (fault is not null)
        {
            chat.Faults.CountTripped();
            chat.Changed();
        }

        if (fault?.First is { } first)
        {
            try
            {
                await first(seen, context.RequestAborted);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                if (fault.Applies == PlaygroundFault.Effect.None)
                {
                    Note(route, call, status: null);
                }

                return;
            }
        }

        if (fault is null or { Passes: true })
        {
            var answer = Execute(route, call);
            Note(route, call, answer.Status);
            await WriteAsync(context, answer);
            return;
        }

        if (fault.Applies == PlaygroundFault.Effect.Before)
        {
            Execute(route, call);
        }

        Note(route, call, fault.StatusCode);
        if (fault.StatusCode is { } status)
        {
            await WriteAsync(context, ApiAnswer.Text(status, fault.Body, fault.BodyType) with { RetryAfter = fault.RetryAfter });
        }
        else
        {
            context.Abort();
        }
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

    private ApiAnswer Execute(ApiRoute route, ApiCall call)
    {
        try
        {
            return chat.Locked(() =>
            {
                Admit(route, call);
                return route.Handler(call);
            });
        }
        catch (ApiRefusal refusal)
        {
            return refusal.Answer;
        }
    }

    /// <summary>Enters what a bot posted into the ledger, before the caller can know of it.</summary>
    private void Note(ApiRoute route, ApiCall call, int? status)
    {
        if (call.Owner is PlaygroundBot bot && (route.Endpoint == PlaygroundEndpoint.CreateMessage || call.Created is not null))
        {
            chat.Ledger.Add(new PlaygroundLedgerEntry
            {
                Bot = bot,
                AccountId = call.AccountId ?? 0,
                ConversationId = call.Created?.Conversation.Id ?? call.ConversationId ?? 0,
                Message = call.Created,
                Content = call.Text("content") ?? call.Created?.Content,
                ContentAttributes = call.Value("content_attributes")?.Clone() ?? Json.EmptyObject,
                Private = call.Flag("private"),
                BegunAt = call.BegunAt,
                BegunStamp = call.BegunStamp,
                EndedAt = chat.Now,
                EndedStamp = chat.Mark(),
                StatusCode = status,
            });
        }

        chat.Changed();
    }

    private void Admit(ApiRoute route, ApiCall call)
    {
        Throttle(call);
        if (call.Malformed)
        {
            throw ApiRefusal.BadRequest();
        }

        if ((route.Since is { } since && chat.Behaviour.Version < since) || (route.OneHashOnly && !chat.Behaviour.IsOneHash))
        {
            throw ApiRefusal.NoRoute();
        }

        if (route.Endpoint == PlaygroundEndpoint.Platform)
        {
            call.Caller = call.Owner as PlaygroundPlatformApp ?? throw ApiRefusal.Unauthorized("Invalid access_token");
            return;
        }

        call.Caller = call.Owner ?? throw (call.Token is { Length: > 0 } ? ApiRefusal.Unauthorized("Invalid Access Token") : ApiRefusal.SignIn());
        if (call.User is null && !(call.Bot is not null && route.Bots is { } bots && chat.Behaviour.Version >= bots))
        {
            throw ApiRefusal.Unauthorized("Access to this endpoint is not authorized for bots");
        }

        if (call.NamesAccount)
        {
            AdmitToAccount(route, call);
        }
    }

    private void AdmitToAccount(ApiRoute route, ApiCall call)
    {
        call.Account = call.AccountId is { } id && chat.Account(id) is { } account ? account : throw ApiRefusal.NotFound();
        if (call.Account.Suspended)
        {
            throw ApiRefusal.Unauthorized("Account is suspended");
        }

        if (call.Bot is { } bot)
        {
            AdmitBot(call.Account, bot);
        }
        else if (!call.User!.Roles.TryGetValue(call.Account.Id, out var role))
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

    private void Throttle(ApiCall call)
    {
        var minute = chat.Now.ToUnixTimeSeconds() / 60;
        if (chat.Options.RequestsPerMinute is { } limit && _requests.AddOrUpdate((call.Client, minute), 1, (_, n) => n + 1) > limit)
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
        var (begunAt, begunStamp) = (chat.Now, chat.Mark());
        if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return (ReadOnlyMemory<byte>.Empty, Call(Json.From(form.ToDictionary(f => f.Key, f => f.Value.ToString())), [.. form.Files.Select(Attachment)]));
        }

        using var buffer = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, 1_000_000));
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        try
        {
            var parsed = body.Length == 0 ? Json.EmptyObject : JsonDocument.Parse(body).RootElement;
            return (body, Call(parsed.ValueKind == JsonValueKind.Object ? parsed : Json.EmptyObject, []));
        }
        catch (JsonException)
        {
            return (body, Call(Json.EmptyObject, [], malformed: true));
        }

        ApiCall Call(JsonElement root, IReadOnlyList<PlaygroundAttachment> files, bool malformed = false)
        {
            var token = Token(context);
            return new ApiCall(chat, context.Request, root, files)
            {
                BegunAt = begunAt,
                BegunStamp = begunStamp,
                Token = token,
                Owner = token is { Length: > 0 } ? chat.FindTokenOwner(token) : null,
                Malformed = malformed,
            };
        }
    }

    private PlaygroundAttachment Attachment(IFormFile file) => new()
    {
        Id = chat.TakeAttachmentId(),
        FileName = file.FileName,
        FileSize = file.Length,
        Kind = file.ContentType?.Split('/')[0] switch
        {
            "image" => AttachmentKind.Image,
            "audio" => AttachmentKind.Audio,
            "video" => AttachmentKind.Video,
            _ => AttachmentKind.File,
        },
    };
}
