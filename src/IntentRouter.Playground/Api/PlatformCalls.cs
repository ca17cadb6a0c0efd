using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>The platform API, with its traps: a bot's URL answered as its name, a list that dies of a deleted bot, foreign objects refused with 401.</summary>
internal static class PlatformCalls
{
    public static ApiAnswer ListBots(ApiCall call)
    {
        var bots = App(call).Permissible.OfType<PlaygroundBot>().ToArray();
        if (!call.Behaviour.SurvivesDeletedPlatformBots && bots.Any(b => b.Deleted))
        {
            throw ApiRefusal.InternalError();
        }

        return ApiAnswer.Json(w =>
        {
            w.WriteStartArray();
            foreach (var bot in bots.Where(b => !b.Deleted).OrderBy(b => b.Id))
            {
                Bot(w, bot, call.Behaviour);
            }

            w.WriteEndArray();
        });
    }

    public static ApiAnswer CreateBot(ApiCall call)
    {
        if (string.IsNullOrWhiteSpace(call.Text("name")))
        {
            throw ApiRefusal.InvalidRecord("Name can't be blank", "name");
        }

        var account = call.Number("account_id") is { } id ? call.Chat.Account(id) ?? throw ApiRefusal.NotFound() : null;
        var bot = call.Chat.AddBot(account, call.Text("name")!, call.Text("outgoing_url"), accessToken: null, secret: null);
        bot.Description = call.Text("description");
        App(call).Permissible.Add(bot);
        return Answer(call, bot);
    }

    public static ApiAnswer ReadBot(ApiCall call) => Answer(call, Bot(call));

    public static ApiAnswer UpdateBot(ApiCall call)
    {
        var bot = Bot(call);
        bot.Name = call.Text("name") ?? bot.Name;
        bot.Description = call.Text("description") ?? bot.Description;
        bot.OutgoingUrl = call.Has("outgoing_url") ? call.Text("outgoing_url") : bot.OutgoingUrl;
        return Answer(call, bot);
    }

    public static ApiAnswer DeleteBot(ApiCall call)
    {
        var bot = Bot(call);
        App(call).Permissible.Remove(bot);
        call.Chat.Delete(bot);
        return ApiAnswer.Empty;
    }

    public static ApiAnswer CreateUser(ApiCall call)
    {
        if (call.Text("email") is not { Length: > 0 } email || !email.Contains('@', StringComparison.Ordinal))
        {
            throw ApiRefusal.InvalidRecord("Email is invalid", "email");
        }

        var user = call.Chat.UserByEmail(email) ?? call.Chat.CreateUser(call.Text("name") ?? email, email, accessToken: null);
        App(call).Permissible.Add(user);
        return ApiAnswer.Json(w => ApiShapes.User(w, user, call.Chat.AccountsOf(user)));
    }

    public static ApiAnswer ReadUser(ApiCall call)
    {
        var user = User(call);
        return ApiAnswer.Json(w => ApiShapes.User(w, user, call.Chat.AccountsOf(user)));
    }

    public static ApiAnswer UserToken(ApiCall call)
    {
        var user = User(call);
        return ApiAnswer.Object(w =>
        {
            w.WriteString("access_token", user.AccessToken);
            w.WriteNull("expiry");
            w.WriteStartObject("user");
            w.WriteNumber("id", user.Id);
            w.WriteString("name", user.Name);
            w.WriteString("email", user.Email);
            w.WriteEndObject();
        });
    }

    public static ApiAnswer CreateAccount(ApiCall call)
    {
        var account = call.Chat.AddAccount(call.Text("name") ?? "Account");
        App(call).Permissible.Add(account);
        return AccountAnswer(account);
    }

    public static ApiAnswer ReadAccount(ApiCall call) => AccountAnswer(Account(call, call.RouteId("account")));

    public static ApiAnswer ListAccountUsers(ApiCall call)
    {
        var account = Account(call, call.RouteId("account"));
        return ApiAnswer.Json(w =>
        {
            w.WriteStartArray();
            account.UserList.ForEach(u => AccountUser(w, account, u));
            w.WriteEndArray();
        });
    }

    public static ApiAnswer CreateAccountUser(ApiCall call)
    {
        var account = Account(call, call.RouteId("account"));
        var user = call.Number("user_id") is { } id && call.Chat.FindUser(id) is { } found ? found : throw ApiRefusal.NotFound();
        PlaygroundChat.Join(account, user, call.Text("role") switch
        {
            "administrator" => UserRole.Administrator,
            null or "" or "agent" => UserRole.Agent,
            _ => throw ApiRefusal.InternalError(),
        });
        return ApiAnswer.Json(w => AccountUser(w, account, user));
    }

    private static void AccountUser(Utf8JsonWriter w, PlaygroundAccount account, PlaygroundUser user)
    {
        w.WriteStartObject();
        w.WriteNumber("account_id", account.Id);
        w.WriteNumber("user_id", user.Id);
        w.WriteString("role", user.Roles[account.Id].Wire());
        w.WriteEndObject();
    }

    private static ApiAnswer AccountAnswer(PlaygroundAccount account) => ApiAnswer.Object(w =>
    {
        w.WriteNumber("id", account.Id);
        w.WriteString("name", account.Name);
    });

    private static PlaygroundPlatformApp App(ApiCall call) => (PlaygroundPlatformApp)call.Caller;

    private static PlaygroundBot Bot(ApiCall call)
    {
        var bot = call.Chat.FindBot(call.RouteId("id")) ?? throw ApiRefusal.NotFound();
        return Permitted(call, bot);
    }

    private static PlaygroundUser User(ApiCall call)
    {
        var user = call.Chat.FindUser(call.RouteId("id")) ?? throw ApiRefusal.NotFound();
        return Permitted(call, user);
    }

    private static PlaygroundAccount Account(ApiCall call, long id)
    {
        var account = call.Chat.Account(id) ?? throw ApiRefusal.NotFound();
        return Permitted(call, account);
    }

    private static T Permitted<T>(ApiCall call, T what)
        where T : class => App(call).Permissible.Contains(what) ? what : throw ApiRefusal.Unauthorized("Non permissible resource");

    private static ApiAnswer Answer(ApiCall call, PlaygroundBot bot) => ApiAnswer.Json(w => Bot(w, bot, call.Behaviour));

    private static void Bot(Utf8JsonWriter w, PlaygroundBot bot, PlaygroundBehaviour behaviour)
    {
        w.WriteStartObject();
        w.WriteNumber("id", bot.Id);
        w.WriteString("name", bot.Name);
        w.WriteString("description", bot.Description ?? "");
        w.WriteString("outgoing_url", behaviour.PlatformShowsOutgoingUrl ? bot.OutgoingUrl : bot.Name);
        if (bot.Account is { } account)
        {
            w.WriteNumber("account_id", account.Id);
        }
        else
        {
            w.WriteNull("account_id");
        }

        w.WriteString("access_token", bot.AccessToken);
        w.WriteEndObject();
    }
}
