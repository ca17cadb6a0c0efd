using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.Fulfillment;

namespace IntentRouter.Configuration;

/// <summary>Everything under <c>lookups:</c>, <c>actions:</c> and <c>senders:</c>.</summary>
internal sealed class BackendChecks(RouterOptions options, ProblemReport report, ConfigurationSources sources)
{
    public void Run()
    {
        CheckLookups();
        CheckActions();
        CheckSenders();
    }

    private void CheckLookups()
    {
        foreach (var (name, lookup) in options.Lookups)
        {
            var path = $"lookups:{name}";
            switch (lookup.Kind)
            {
                case "sql":
                    CheckSql(path, "query", lookup.Query, lookup.Provider, lookup.Connection, SqlText.Read(lookup.Query ?? "", lookup.Provider), "Write one SELECT whose values are @slot parameters.");
                    Foreign(path, "a lookup of kind sql", ("url", lookup.Url is not null), ("body", lookup.Body is not null), ("auth", lookup.Auth is not null), ("result", lookup.Result is not null), ("headers", lookup.Headers.Count > 0), ("cache", lookup.Cache is not null));
                    break;
                case "http":
                    CheckHttp(path, lookup.Url, lookup.Auth, lookup.Result);
                    CheckTemplates(path, lookup.Method, lookup.Url, lookup.Headers, lookup.Body, RoutesWith(r => r.Lookup, name), HttpVariables.OfLookup);
                    Foreign(path, "a lookup of kind http", ("query", lookup.Query is not null), ("provider", lookup.Provider is not null), ("connection", lookup.Connection is not null));
                    break;
                case "":
                    report.Error($"{path}:kind", "The lookup has no kind.", "Write kind: sql, http, onehash-orders or onehash-bookings.");
                    break;
                default:
                    CheckUserToken(name, lookup);
                    CheckOneHashSlots(name, lookup);

                    break;
            }
        }
    }

    private void CheckOneHashSlots(string name, LookupOptions lookup)
    {
        var known = OneHashLookup.SlotsOf(lookup.Kind);
        foreach (var (path, route) in RoutesWith(r => r.Lookup, name))
        {
            foreach (var slot in route.Slots.Keys.Where(s => !known.Contains(s, StringComparer.OrdinalIgnoreCase)))
            {
                report.Error($"{path}:slots:{slot}", $"A lookup of kind {lookup.Kind} cannot compare a slot '{slot}', so it would never find anything.", NearestWord.Advice(slot, known));
            }
        }
    }

    private void CheckUserToken(string name, LookupOptions lookup)
    {
        if (!string.IsNullOrEmpty(options.Chat.AdminToken) || sources.WithoutSecrets)
        {
            return;
        }

        var message = $"{lookup.Kind} reads from the chat with a user's token, and chat.adminToken is missing.";
        const string Remedy = "Set Chat__AdminToken to an administrator's token.";
        if (options.Routes.Values.Any(r => string.Equals(r.Lookup, name, StringComparison.OrdinalIgnoreCase)))
        {
            report.Error($"lookups:{name}:kind", message, Remedy);
        }
        else
        {
            report.Warning($"lookups:{name}:kind", message, Remedy);
        }
    }

    private void CheckActions()
    {
        foreach (var (name, action) in options.Actions)
        {
            var path = $"actions:{name}";
            switch (action.Kind)
            {
                case "sql":
                    CheckSql(path, "statement", action.Statement, action.Provider, action.Connection, SqlText.Write(action.Statement ?? "", action.Provider), "Write one statement whose values are @slot parameters.");
                    Foreign(path, "an action of kind sql", ("url", action.Url is not null), ("body", action.Body is not null), ("auth", action.Auth is not null), ("headers", action.Headers.Count > 0));
                    break;
                case "http":
                    CheckHttp(path, action.Url, action.Auth, action.Result);
                    CheckTemplates(path, action.Method, action.Url, action.Headers, action.Body, RoutesWith(r => r.Action, name), HttpVariables.OfAction);
                    Foreign(path, "an action of kind http", ("statement", action.Statement is not null), ("provider", action.Provider is not null), ("connection", action.Connection is not null));
                    break;
                default:
                    report.Error($"{path}:kind", "The action has no kind.", "Write kind: http or sql.");
                    break;
            }

            CheckIdempotencyKey(path, action);
        }
    }

    private void CheckIdempotencyKey(string path, ActionOptions action)
    {
        if (action.IdempotencyKey is not { } place)
        {
            return;
        }

        var fits = action.Kind == "sql" ? place == "parameter" : place == "header" || Regex.IsMatch(place, "^(header:[A-Za-z0-9-]+|body:[A-Za-z0-9_.-]+)$");
        if (!fits)
        {
            report.Error($"{path}:idempotencyKey", "The place of the idempotency key cannot be read.", "Write header, header:<name> or body:<field> for http, parameter for sql.");
        }
    }

    private void CheckSql(string path, string key, string? text, string? provider, string? connection, SqlText sql, string remedy)
    {
        if (provider is null)
        {
            report.Error($"{path}:provider", "The database's kind is missing.", "Write provider: sqlite, postgres, mysql or sqlserver.");
        }

        if (string.IsNullOrEmpty(connection))
        {
            if (!sources.WithoutSecrets)
            {
                report.Error($"{path}:connection", "The connection string is missing.", $"Set it here, or as the secret {SettingsSource.VariableOf($"{path}:connection")}.");
            }
        }
        else if (provider is not null && !IsConnection(provider, connection))
        {
            report.Error($"{path}:connection", $"This is not a connection string of {provider}.", provider == "sqlite" ? "Write Data Source=FILE." : "Write the keys that its .NET driver knows, such as Host=…;Database=…;Username=…;Password=….");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            report.Error($"{path}:{key}", "The SQL is missing.", remedy);
        }
        else if (sql.Problem is { } problem)
        {
            report.Error($"{path}:{key}", problem, remedy);
        }
    }

    private static bool IsConnection(string provider, string connection)
    {
        try
        {
            SqlDialect.Of(provider).Connect(connection, readOnly: true, timeout: 1).Dispose();
            return true;
        }
        catch (Exception ex) when (ex is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }

    private void CheckHttp(string path, string? url, AuthOptions? auth, string? result)
    {
        if (string.IsNullOrEmpty(url))
        {
            report.Error($"{path}:url", "The address is missing.", "Write url: \"https://api.example.com/orders/{{ order_number }}\".");
        }
        else if (!Regex.IsMatch(url, "^https?://[^/{}@]+(/|$|\\?)", RegexOptions.IgnoreCase))
        {
            report.Error($"{path}:url", "The address is not absolute, or a value from a conversation could change its host.", "Write the scheme and host as they are: https://api.example.com/…; values go into the path or query.");
        }

        if (auth is not null)
        {
            CheckAuth($"{path}:auth", auth);
        }

        if (result is not null)
        {
            try
            {
                _ = JsonPath.Parse(result);
            }
            catch (FormatException ex)
            {
                report.Error($"{path}:result", $"This is not a path into JSON: {ex.Message}", "Write $.data.items[0], or $.orders[*].");
            }
        }
    }

    private List<(string Path, RouteOptions Route)> RoutesWith(Func<RouteOptions, string?> uses, string name) =>
        [.. options.Routes.Where(r => string.Equals(uses(r.Value), name, StringComparison.OrdinalIgnoreCase)).Select(r => ($"routes:{r.Key}", r.Value))];

    private void CheckTemplates(
        string path, string method, string? url, Dictionary<string, string> headers, JsonNode? body, List<(string Path, RouteOptions Route)> routes, IReadOnlyList<string> always)
    {
        HttpRequestTemplate template;
        try
        {
            template = new HttpRequestTemplate(method, url ?? "", headers, body);
        }
        catch (FormatException ex)
        {
            var (key, message) = ex.Message.Split(": ", 2) is [var k, var m] ? (k, m) : ("url", ex.Message);
            report.Error($"{path}:{key}", message, "Write Liquid such as {{ order_number }}.");
            return;
        }

        foreach (var variable in template.Variables)
        {
            var name = variable.StartsWith("slots.", StringComparison.Ordinal) ? variable["slots.".Length..] : variable;
            if (always.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var place = url?.Contains(variable, StringComparison.Ordinal) == true ? $"{path}:url" : path;
            foreach (var (routePath, route) in routes.Where(r => !r.Route.Slots.ContainsKey(name)))
            {
                report.Error(place, $"'{variable}' is not a slot of {routePath}.", NearestWord.Advice(name, route.Slots.Keys.Concat(always)));
            }

            if (routes.Count == 0 && path.StartsWith("senders:", StringComparison.Ordinal))
            {
                report.Error(place, $"'{variable}' is not known to a sender.", NearestWord.Advice(name, always));
            }
        }
    }

    private void CheckAuth(string path, AuthOptions auth)
    {
        string[] needed = auth.Kind switch
        {
            "basic" => ["user", "password"],
            "bearer" => ["token"],
            "header" => ["header", "token"],
            "oauth2" => ["tokenUrl", "clientId", "clientSecret"],
            _ => ["kind"],
        };
        foreach (var key in needed.Where(n => string.IsNullOrEmpty(OptionKey.Of(typeof(AuthOptions)).Single(k => k.Name == n).Property.GetValue(auth) as string)))
        {
            if (!sources.WithoutSecrets || key is not ("password" or "token" or "clientSecret"))
            {
                report.Error($"{path}:{key}", $"auth of kind {(auth.Kind.Length == 0 ? "?" : auth.Kind)} needs {key}.", key == "kind" ? "Write kind: basic, bearer, header or oauth2." : $"Set it here, or as the secret {SettingsSource.VariableOf($"{path}:{key}")}.");
            }
        }

        if (auth.Kind == "oauth2" && !string.IsNullOrEmpty(auth.TokenUrl))
        {
            report.ExpectUrl($"{path}:tokenUrl", auth.TokenUrl, "https://login.example.com/oauth2/token");
        }
    }

    private void CheckSenders()
    {
        foreach (var (name, sender) in options.Senders)
        {
            var path = $"senders:{name}";
            switch (sender.Kind)
            {
                case "http":
                    CheckHttp(path, sender.Url, sender.Auth, null);
                    CheckTemplates(path, "post", sender.Url, sender.Headers, sender.Body, [], HttpVariables.OfSender);
                    break;
                case "smtp":
                    if (string.IsNullOrEmpty(sender.Host))
                    {
                        report.Error($"{path}:host", "The mail server is missing.", "Write host: smtp.example.com.");
                    }

                    if (string.IsNullOrEmpty(sender.FromAddress) || !sender.FromAddress.Contains('@', StringComparison.Ordinal))
                    {
                        report.Error($"{path}:fromAddress", "The sender's address is missing.", "Write fromAddress: shop@example.com.");
                    }

                    break;
                default:
                    report.Error($"{path}:kind", "The sender has no kind.", "Write kind: http or smtp.");
                    break;
            }
        }
    }

    private void Foreign(string path, string what, params (string Key, bool Given)[] keys)
    {
        foreach (var (key, _) in keys.Where(k => k.Given))
        {
            report.KeyError($"{path}:{key}", $"'{key}' has no meaning for {what}.", "Take it out.");
        }
    }
}
