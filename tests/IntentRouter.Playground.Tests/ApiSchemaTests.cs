using System.Reflection;
using System.Text.Json;
using NJsonSchema;

namespace IntentRouter.Playground.Tests;

/// <summary>
/// Answers against the platform's own API descriptions (trimmed copies in Schemas: response schemas only, references resolved; Swagger 2.0 cannot
/// say null, so every member of the 4.2.0 copy may be null). Where the contract says that the code differs from the description, the code
/// is followed and the call is listed with the reason.
/// </summary>
public sealed class ApiSchemaTests
{
    private const string A = "/api/v1/accounts/{account_id}";
    private const string C = A + "/conversations/{conversation_id}";
    private const string P = "/platform/api/v1";

    private const string NoEnvelope = "described as a bare list; the code wraps it";
    private const string OldMessage = "described with message_type as text and times as text; the code sends numbers, as 4.16 describes";

    private static readonly Dictionary<(string Version, string Call), string> _describedWrongly = new()
    {
        [("4.2.0", "GET " + A + "/webhooks")] = NoEnvelope,
        [("4.16.2", "GET " + A + "/webhooks")] = NoEnvelope,
        [("4.2.0", "GET " + A + "/contacts")] = NoEnvelope,
        [("4.2.0", "GET " + A + "/contacts/{id}/conversations")] = NoEnvelope,
        [("4.2.0", "GET " + A + "/inboxes")] = NoEnvelope,
        [("4.2.0", "GET " + C + "/messages")] = NoEnvelope,
        [("4.2.0", "GET " + A + "/conversations")] = OldMessage,
        [("4.2.0", "GET " + C)] = OldMessage,
        [("4.2.0", "POST " + C + "/messages")] = OldMessage,
        [("4.2.0", "GET " + A + "/agents")] = "described with the availability 'available'; the code says 'online'",
    };

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Answers_fit_the_platforms_description(string version)
    {
        await using var scene = await FurnishedAsync(version);
        var conversation = scene.Conversation.Id;
        var findings = new List<string>();
        foreach (var call in Schemas(version).EnumerateObject())
        {
            var answer = await CallAsync(scene, call.Name, conversation);
            var schema = await JsonSchema.FromJsonAsync(call.Value.GetRawText());
            var problems = schema.Validate(answer.Text).Select(p => $"{p.Path}: {p.Kind}").ToArray();
            if (answer.Status != 200)
            {
                findings.Add($"{call.Name}: {answer.Status}");
            }
            else if (_describedWrongly.TryGetValue((version, call.Name), out var reason) != problems.Length > 0)
            {
                findings.Add(reason is null ? $"{call.Name}: {string.Join(", ", problems)} in {answer.Text}" : $"{call.Name} fits now; drop the exception ({reason})");
            }
        }

        Assert.Equal([], findings);
    }

    private static async Task<Scene> FurnishedAsync(string version)
    {
        var scene = await (await Scene.StartAsync(version)).SaidAsync();
        scene.Account.AddTeam("Returns");
        scene.Account.AddWebhook("https://example.com/hook", "message_created");
        scene.Agent.Reply(scene.Conversation, "Hello");
        scene.Conversation.Assign(scene.Agent);
        scene.Conversation.SetStatus(ConversationStatus.Open);
        await scene.IdleAsync();
        return scene;
    }

    private static async Task<Answer> CallAsync(Scene scene, string call, long conversation)
    {
        var (method, path) = (new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1]);
        var onPlatform = path.StartsWith(P, StringComparison.Ordinal);
        var token = scene.Admin.AccessToken;
        if (onPlatform)
        {
            var app = scene.Chat.AddPlatformApp("Provisioning");
            token = app.AccessToken;
            scene.Chat.Grant(app, scene.Account);
            scene.Chat.Grant(app, scene.Bot);
        }

        var id = path.Contains("/contacts/", StringComparison.Ordinal) ? scene.Customer.Contact.Id
            : path.Contains("/inboxes/", StringComparison.Ordinal) ? scene.Inbox.Id : scene.Bot.Id;
        object? body = (method.Method, path) switch
        {
            ("GET", _) => null,
            (_, C + "/messages") => new { content = "hi" },
            (_, C + "/toggle_status") => new { status = "resolved" },
            (_, C + "/custom_attributes") => new { custom_attributes = new { a = 1 } },
            (_, C + "/assignments") => new { assignee_id = scene.Agent.Id },
            (_, C + "/labels") => new { labels = new[] { "order-status" } },
            (_, C) => new { priority = "high" },
            (_, A + "/conversations") => new { source_id = scene.Customer.SourceId },
            (_, A + "/webhooks") => new { url = "https://example.com/two", subscriptions = new[] { "message_created" } },
            (_, P + "/users") => new { name = "Service", email = "service@example.com" },
            (_, P + "/accounts/{account_id}/account_users") => new { user_id = scene.Agent.Id, role = "agent" },
            _ => new { name = "Made here", outgoing_url = scene.Listener.Url, account_id = scene.Account.Id },
        };
        var full = path
            .Replace("{account_id}", $"{scene.Account.Id}", StringComparison.Ordinal)
            .Replace("{conversation_id}", $"{conversation}", StringComparison.Ordinal)
            .Replace("{id}", $"{id}", StringComparison.Ordinal);
        return await scene.SendAsync(method, full + (path.EndsWith("/search", StringComparison.Ordinal) ? "?q=quiet" : ""), body, token);
    }

    private static JsonElement Schemas(string version)
    {
        var name = version == "4.2.0" ? "onehash-4.2.json" : "upstream-4.16.json";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        return JsonDocument.Parse(stream).RootElement.Clone();
    }
}
