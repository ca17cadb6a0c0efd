using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Turns;

namespace IntentRouter.Chat;

/// <summary>
/// Carries out effects on the chat with the bot's own token: one call each, never repeated in here, and the result says what is certain. Thread-safe.
/// </summary>
internal sealed partial class ChatApi(ChatConnection connection, ChatCapabilities capabilities, ILogger<ChatApi> logger)
{
    /// <summary>Key in <c>content_attributes</c> under which our messages carry the key of their effect.</summary>
    public const string MarkerName = "intent_router";

    private const int MaxAttribute = 1_500;
    private const long MaxInteger = 9_999_999_999;

    private static readonly TimeSpan _conversationLimitPause = TimeSpan.FromMinutes(1);
    private static readonly string[] _statuses = ["open", "pending", "resolved", "snoozed"];
    private static readonly string[] _priorities = ["low", "medium", "high", "urgent"];
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends one effect. Cancellation may leave it in doubt: the caller then treats it as sent and reconciles.</summary>
    /// <param name="effectKey">Marks messages so that their echo, or a later look, recognises them.</param>
    /// <param name="facts">What is known of the conversation: attributes and labels are merged into these.</param>
    /// <param name="startBefore">Timestamp of the clock after which it may not begin any more; waiting for a free connection counts.</param>
    public async Task<SendResult> SendAsync(
        Bot bot, ConversationKey conversation, string effectKey, Effect effect, ConversationFacts facts, CancellationToken cancellationToken, long startBefore = long.MaxValue)
    {
        if (bot.Options.AccessToken is not { Length: > 0 } token)
        {
            return Refuse(ChatRefusal.NotConfigured, $"bots:{bot.Name}:accessToken is not set.");
        }

        var call = new Call(conversation, token, startBefore);
        var result = effect switch
        {
            SendMessage m => await SendMessageAsync(call, effectKey, m.Content, m.ContentType, m.ContentAttributes, isPrivate: false, cancellationToken),
            SendPrivateNote n => await SendMessageAsync(call, effectKey, n.Content, "text", null, isPrivate: true, cancellationToken),
            SetStatus s => await SetStatusAsync(call, s.Status, cancellationToken),
            SetPriority p => await SetPriorityAsync(call, p.Priority, cancellationToken),
            Assign a => await AssignAsync(call, a, cancellationToken),
            SetAttributes s => await SetAttributesAsync(call, s.Attributes, facts, cancellationToken),
            AddLabels l => await AddLabelsAsync(call, l.Labels, cancellationToken),
            CreateConversation c => await CreateConversationAsync(call, effectKey, c, cancellationToken),
            _ => throw new ArgumentException($"{effect.GetType().Name} is not carried out by the chat.", nameof(effect)),
        };
        if (result is SendResult.Refused refused)
        {
            LogRefused(bot.Name, conversation.Account, conversation.DisplayId, effect.GetType().Name, refused.Kind, refused.Detail);
        }

        return result;
    }

    /// <summary>Shows or ends the typing bubble where the version lets a bot do so (4.12). Nothing depends on it.</summary>
    public async Task<SendResult> ShowTypingAsync(Bot bot, ConversationKey conversation, bool typing, CancellationToken cancellationToken)
    {
        if (bot.Options.AccessToken is not { Length: > 0 } token || (await AbilitiesAsync(cancellationToken)).Typing == false)
        {
            return new SendResult.Skipped("typing");
        }

        var call = new Call(conversation, token, long.MaxValue);
        var body = Body(w =>
        {
            w.WriteString("typing_status", typing ? "on" : "off");
            w.WriteBoolean("is_private", false);
        });
        var answer = await PostAsync("typing", call, "/toggle_typing_status", body, cancellationToken);
        return await TeachAsync(answer, (known, able) => known with { Typing = able }) ? Judge(answer) : new SendResult.Skipped("typing");
    }

    private async Task<SendResult> SendMessageAsync(
        Call call, string effectKey, string content, string contentType, JsonObject? attributes, bool isPrivate, CancellationToken cancellationToken)
    {
        // The chat's own limit, from which the SDK's is taken.
        var text = Clean(content, UtteranceText.MaxLength, "content");
        if (string.IsNullOrWhiteSpace(text) && contentType == "text")
        {
            return Refuse(ChatRefusal.Invalid, "The message is empty; look for a text without words.");
        }

        var body = Body(w => WriteMessage(w, effectKey, text, contentType, attributes, isPrivate));
        var answer = await PostAsync(isPrivate ? "note" : "message", call, "/messages", body, cancellationToken);
        if (Read(answer, ChatJson.Default.WireMessage) is not { } message)
        {
            return JudgeUnread(answer);
        }

        var kept = message.Marker == effectKey;
        await LearnAsync(known => known with { MarkerKept = kept });
        return new SendResult.Done(message.Id == 0 ? null : message.Id, kept);
    }

    private async Task<SendResult> SetStatusAsync(Call call, string status, CancellationToken cancellationToken)
    {
        if (!_statuses.Contains(status))
        {
            return Refuse(ChatRefusal.Invalid, $"The status must be one of {string.Join(", ", _statuses)}.");
        }

        var result = await SetStatusAsAsync(call, status, cancellationToken);
        if (result is not SendResult.Refused || status != "open" || connection.Options.AdminToken is not { Length: > 0 } admin)
        {
            return result;
        }

        // Nobody sees a customer in pending: that it is no handoff in the platform's reports matters less.
        var second = await SetStatusAsAsync(call with { Token = admin }, status, cancellationToken);
        if (second is SendResult.Done)
        {
            LogOpenedByAdmin(call.Conversation.Account, call.Conversation.DisplayId);
        }

        return second switch
        {
            SendResult.Refused { Kind: ChatRefusal.NotFound } => Refuse(ChatRefusal.Gone, ChatRefusals.Explain(ChatRefusal.Gone, 404)),
            SendResult.Refused => result,
            _ => second,
        };
    }

    private async Task<SendResult> SetStatusAsAsync(Call call, string status, CancellationToken cancellationToken)
    {
        var answer = await PostAsync("status", call, "/toggle_status", Body(w => w.WriteString("status", status)), cancellationToken);
        if (Read(answer, ChatJson.Default.WireStatusAnswer)?.Payload?.CurrentStatus is not { } current)
        {
            return JudgeUnread(answer);
        }

        // success is null for a bot's handoff: only the status counts (contract 3.4).
        return current == status
            ? new SendResult.Done(Status: current)
            : Refuse(ChatRefusal.Invalid, "The chat answered, but the conversation kept its status.");
    }

    private async Task<SendResult> SetPriorityAsync(Call call, string? priority, CancellationToken cancellationToken)
    {
        // An unknown word ends in 500 there, which would look like doubt.
        if (priority is not null && !_priorities.Contains(priority))
        {
            return Refuse(ChatRefusal.Invalid, $"The priority must be one of {string.Join(", ", _priorities)}.");
        }

        return JudgeOptional(await PostAsync("priority", call, "/toggle_priority", Body(w => w.WriteString("priority", priority)), cancellationToken), "priority");
    }

    private async Task<SendResult> AssignAsync(Call call, Assign assign, CancellationToken cancellationToken)
    {
        if (assign.TeamId is null && assign.AgentId is null)
        {
            return new SendResult.Skipped("nobody-named");
        }

        // One call takes either; the agent wins there when both are given, so the team goes first by itself.
        SendResult result = new SendResult.Done();
        if (assign.TeamId is { } team)
        {
            result = JudgeOptional(await PostAsync("assign", call, "/assignments", Body(w => w.WriteNumber("team_id", team)), cancellationToken), "assign");
        }

        return result is SendResult.Done && assign.AgentId is { } agent
            ? JudgeOptional(await PostAsync("assign", call, "/assignments", Body(w => w.WriteNumber("assignee_id", agent)), cancellationToken), "assign")
            : result;
    }

    private async Task<SendResult> SetAttributesAsync(Call call, JsonObject attributes, ConversationFacts facts, CancellationToken cancellationToken)
    {
        if (attributes.Count == 0)
        {
            return new SendResult.Done();
        }

        var merge = (await AbilitiesAsync(cancellationToken)).MergeAttributes == true;
        var others = merge ? facts.CustomAttributes : await CustomAttributesAsync(call, cancellationToken) ?? facts.CustomAttributes;
        var body = Body(w =>
        {
            w.WriteStartObject("custom_attributes");
            if (!merge)
            {
                foreach (var (name, value) in others)
                {
                    if (!attributes.ContainsKey(name))
                    {
                        w.WritePropertyName(name);
                        value.WriteTo(w);
                    }
                }
            }

            foreach (var (name, value) in attributes)
            {
                WriteAttribute(w, name, value);
            }

            w.WriteEndObject();
            if (merge)
            {
                w.WriteBoolean("merge", true);
            }
        });
        return JudgeOptional(await PostAsync("attributes", call, "/custom_attributes", body, cancellationToken), "attributes");
    }

    /// <summary>
    /// The call replaces the whole object, and on older versions no event tells that others changed it: where somebody may read the conversation, it is read
    /// first. Null when nobody may, or it did not work.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, JsonElement>?> CustomAttributesAsync(Call call, CancellationToken cancellationToken)
    {
        var token = connection.Options.AdminToken is { Length: > 0 } admin ? admin
            : (await AbilitiesAsync(cancellationToken)).ReadConversation == false ? null
            : call.Token;
        if (token is null)
        {
            return null;
        }

        var answer = await connection.CallAsync("show", HttpMethod.Get, call.Path(""), token, null, call.StartBefore, cancellationToken);
        if (token == call.Token)
        {
            await TeachAsync(answer, (known, able) => known with { ReadConversation = able });
        }

        return Read(answer, ChatJson.Default.WireConversation)?.CustomAttributes;
    }

    private async Task<SendResult> AddLabelsAsync(Call call, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        var mayBot = (await AbilitiesAsync(cancellationToken)).Labels != false;
        var admin = connection.Options.AdminToken is { Length: > 0 } token ? call with { Token = token } : null;
        if (mayBot)
        {
            var result = await AddLabelsAsAsync(call, labels, cancellationToken);
            if (result is not SendResult.Refused { Kind: ChatRefusal.NotForBots })
            {
                return result;
            }
        }

        return admin is null ? new SendResult.Skipped("labels") : await AddLabelsAsAsync(admin, labels, cancellationToken);
    }

    /// <summary>The call replaces the list, so the current one is read first.</summary>
    private async Task<SendResult> AddLabelsAsAsync(Call call, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        var current = await connection.CallAsync("labels-read", HttpMethod.Get, call.Path("/labels"), call.Token, null, call.StartBefore, cancellationToken);
        if (call.Token != connection.Options.AdminToken)
        {
            await TeachAsync(current, (known, able) => known with { Labels = able });
        }

        if (Read(current, ChatJson.Default.WireLabels) is not { } have)
        {
            // Nothing was changed by reading, whatever became of it.
            return Judge(current) is SendResult.InDoubt doubt ? new SendResult.NotApplied(doubt.Reason, Outage: doubt.Outage) : Judge(current);
        }

        var before = (have.Payload ?? []).OfType<string>().ToList();
        var all = before.Union(labels.Select(l => l.Trim()).Where(l => l.Length > 0), StringComparer.OrdinalIgnoreCase).ToList();
        if (all.Count == before.Count)
        {
            return new SendResult.Done();
        }

        var body = Body(w =>
        {
            w.WriteStartArray("labels");
            all.ForEach(w.WriteStringValue);
            w.WriteEndArray();
        });
        return Judge(await PostAsync("labels", call, "/labels", body, cancellationToken));
    }

    private async Task<SendResult> CreateConversationAsync(Call call, string effectKey, CreateConversation create, CancellationToken cancellationToken)
    {
        var text = Clean(create.Content, UtteranceText.MaxLength, "content");
        var body = Body(w =>
        {
            w.WriteString("source_id", create.SourceId);
            w.WriteNumber("inbox_id", create.InboxId);
            w.WriteStartObject("message");
            WriteMessage(w, effectKey, text, "text", null, isPrivate: false);
            w.WriteEndObject();
        });
        var path = string.Create(CultureInfo.InvariantCulture, $"api/v1/accounts/{call.Conversation.Account}/conversations");
        var answer = await connection.CallAsync("conversation", HttpMethod.Post, path, call.Token, body, call.StartBefore, cancellationToken);
        return Read(answer, ChatJson.Default.WireCreatedConversation) is { Id: > 0 } made ? new SendResult.Done(made.Id) : Judge(answer);
    }

    private Task<ChatAnswer> PostAsync(string operation, Call call, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        connection.CallAsync(operation, HttpMethod.Post, call.Path(path), call.Token, body, call.StartBefore, cancellationToken);

    private static SendResult Judge(ChatAnswer answer) => answer switch
    {
        ChatAnswer.Answered { Succeeded: true } => new SendResult.Done(),
        ChatAnswer.Answered { Status: 429 } limited => new SendResult.NotApplied("rate-limited", limited.RetryAfter),
        ChatAnswer.Answered { Status: 408 or >= 500 } broken => new SendResult.InDoubt(broken.Outcome, Outage: broken.Status != 500),
        ChatAnswer.Answered full when ChatRefusals.IsConversationLimit(full) => new SendResult.NotApplied("conversation-limit", _conversationLimitPause),
        ChatAnswer.Answered refused => Refuse(ChatRefusals.Kind(refused), ChatRefusals.Explain(ChatRefusals.Kind(refused), refused.Status)),
        ChatAnswer.NotSent unsent => new SendResult.NotApplied(unsent.Reason, Outage: unsent.Reason != ChatAnswer.PermitExpired),
        ChatAnswer.Lost lost => new SendResult.InDoubt(lost.Reason, Outage: true),
        ChatAnswer.Unusable unusable => Refuse(ChatRefusal.NotConfigured, unusable.Problem),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>
    /// A success without the answer that the chat gives: where there is another one, a page of something before the chat (maintenance, sign-in) came in its
    /// place, and nobody knows whether the call got through.
    /// </summary>
    private static SendResult JudgeUnread(ChatAnswer answer) =>
        answer is ChatAnswer.Answered { Succeeded: true, Body.Length: > 0 } ? new SendResult.InDoubt("not-the-chats-answer", Outage: true) : Judge(answer);

    /// <summary>For calls that came with later versions and that a handoff can do without.</summary>
    private static SendResult JudgeOptional(ChatAnswer answer, string what) =>
        Judge(answer) is SendResult.Refused { Kind: ChatRefusal.NotForBots } ? new SendResult.Skipped(what) : Judge(answer);

    private static SendResult.Refused Refuse(ChatRefusal kind, string detail) => new(kind, detail);

    private static T? Read<T>(ChatAnswer answer, JsonTypeInfo<T> type)
        where T : class
    {
        if (answer is not ChatAnswer.Answered { Succeeded: true, Body: { Length: > 0 } body })
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ValueTask<ChatAbilities> AbilitiesAsync(CancellationToken cancellationToken) =>
        capabilities.ReadAsync(ChatInstallation.Of(connection.Options), cancellationToken);

    private ValueTask LearnAsync(Func<ChatAbilities, ChatAbilities> lesson) => capabilities.LearnAsync(ChatInstallation.Of(connection.Options), lesson);

    /// <summary>Remembers whether a bot may do this here. False when it may not.</summary>
    private async Task<bool> TeachAsync(ChatAnswer answer, Func<ChatAbilities, bool, ChatAbilities> lesson)
    {
        bool? able = answer switch
        {
            ChatAnswer.Answered { Succeeded: true } => true,
            // A version without the route at all answers 404 with a page instead.
            ChatAnswer.Answered { Status: 401 } refused when ChatRefusals.Kind(refused) == ChatRefusal.NotForBots => false,
            _ => null,
        };
        if (able is { } known)
        {
            await LearnAsync(abilities => lesson(abilities, known));
        }

        return able != false;
    }

    /// <summary>A JSON object, written as the chat's own clients do.</summary>
    public static ReadOnlyMemory<byte> Body(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteMessage(Utf8JsonWriter writer, string effectKey, string content, string contentType, JsonObject? attributes, bool isPrivate)
    {
        writer.WriteString("content", content);
        writer.WriteString("message_type", "outgoing");
        writer.WriteBoolean("private", isPrivate);
        writer.WriteString("content_type", contentType);
        writer.WriteStartObject("content_attributes");
        foreach (var (name, value) in attributes ?? [])
        {
            if (name != MarkerName)
            {
                writer.WritePropertyName(name);
                WriteValue(writer, value);
            }
        }

        writer.WriteStartObject(MarkerName);
        writer.WriteString("k", effectKey);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The chat refuses the whole object for one long string or large number (contract 3.5), so ours are made to fit.</summary>
    private void WriteAttribute(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case JsonValue text when text.TryGetValue<string>(out var s):
                writer.WriteStringValue(Clean(s, MaxAttribute, name));
                break;
            case JsonValue number when number.TryGetValue<long>(out var l) && l > MaxInteger:
                LogTooLarge(name);
                writer.WriteStringValue(l.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                WriteValue(writer, value);
                break;
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonNode? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (name, inner) in map)
                {
                    writer.WritePropertyName(Storable(name));
                    WriteValue(writer, inner);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var inner in list)
                {
                    WriteValue(writer, inner);
                }

                writer.WriteEndArray();
                break;
            case JsonValue text when text.TryGetValue<string>(out var s):
                writer.WriteStringValue(Storable(s));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>Without NUL, which the chat's database refuses with a 500, and without broken surrogates.</summary>
    private static string Storable(string text)
    {
        var clean = text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
        return IsWellFormed(clean) ? clean : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(clean));
    }

    /// <summary>Storable and not longer than the chat takes. It counts code points, of which there are never more than UTF-16 units.</summary>
    private string Clean(string text, int limit, string what)
    {
        var clean = Storable(text);
        if (clean.Length <= limit)
        {
            return clean;
        }

        LogCut(what, limit);
        var end = limit - 1;
        return string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[end - 1]) ? end - 1 : end), "…");
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    [LoggerMessage(9001, LogLevel.Warning, "The chat refused {Effect} of bot {Bot} in account {Account}, conversation {Conversation}: {Kind}. {Detail}")]
    private partial void LogRefused(string bot, long account, long conversation, string effect, ChatRefusal kind, string detail);

    [LoggerMessage(9002, LogLevel.Warning, "{What} was cut to the {Limit} characters that the chat accepts")]
    private partial void LogCut(string what, int limit);

    [LoggerMessage(9003, LogLevel.Warning, "Custom attribute {Name} is a larger number than the chat accepts and was written as text")]
    private partial void LogTooLarge(string name);

    [LoggerMessage(9004, LogLevel.Warning, "The chat did not let the bot open conversation {Conversation} of account {Account}; the administrator's token opened it")]
    private partial void LogOpenedByAdmin(long account, long conversation);

    private sealed record Call(ConversationKey Conversation, string Token, long StartBefore)
    {
        public string Path(string rest) =>
            string.Create(CultureInfo.InvariantCulture, $"api/v1/accounts/{Conversation.Account}/conversations/{Conversation.DisplayId}{rest}");
    }
}

/// <summary>Names an installation in what is remembered of it.</summary>
internal static class ChatInstallation
{
    public static string Of(ChatOptions options) =>
        Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Path).TrimEnd('/') : "none";
}
