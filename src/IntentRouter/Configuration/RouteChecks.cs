using System.Text.RegularExpressions;
using IntentRouter.Fulfillment;

namespace IntentRouter.Configuration;

/// <summary>Everything under <c>routes:</c>, and whether what a route asks for is what its lookup or action uses.</summary>
internal sealed class RouteChecks(RouterOptions options, ProblemReport report)
{
    public void Run()
    {
        foreach (var (name, route) in options.Routes)
        {
            var path = $"routes:{name}";
            if (!options.Bots.Values.SelectMany(b => b.Intents.Values).Any(i => string.Equals(i.Route, name, StringComparison.OrdinalIgnoreCase)))
            {
                report.Warning(path, "No intent leads to this route.", "Name it under an intent of a bot, or take it out.");
            }

            if (route.Lookup is not null && report.ExpectName($"{path}:lookup", route.Lookup, options.Lookups.Keys, "lookups"))
            {
                CheckParameters(path, route, $"lookups:{route.Lookup}:query", options.Lookups[route.Lookup] is { Kind: "sql" } l ? SqlText.Read(l.Query ?? "", l.Provider) : null);
            }

            if (route.Action is not null && report.ExpectName($"{path}:action", route.Action, options.Actions.Keys, "actions"))
            {
                CheckParameters(path, route, $"actions:{route.Action}:statement", options.Actions[route.Action] is { Kind: "sql" } a ? SqlText.Write(a.Statement ?? "", a.Provider) : null);
            }

            CheckProof(path, route);
            CheckReply(path, route);
            foreach (var (slot, slotOptions) in route.Slots)
            {
                CheckSlot($"{path}:slots:{slot}", slotOptions);
            }
        }
    }

    private void CheckParameters(string routePath, RouteOptions route, string path, SqlText? sql)
    {
        var known = route.Slots.Keys.Select(SqlParameters.NameOf).Concat(SqlParameters.Always).ToList();
        if (path.StartsWith("actions:", StringComparison.Ordinal))
        {
            known.Add(SqlParameters.IdempotencyKey);
        }

        // What the route's lookup found is given to its action as result_<field>.
        var fields = path.StartsWith("actions:", StringComparison.Ordinal);
        foreach (var parameter in (sql?.Parameters ?? []).Where(p => !known.Contains(p, StringComparer.OrdinalIgnoreCase) && !(fields && p.StartsWith("result_", StringComparison.OrdinalIgnoreCase))))
        {
            report.Error(path, $"@{parameter} is not a slot of {routePath}.", NearestWord.Advice(parameter, known));
        }
    }

    private void CheckProof(string path, RouteOptions route)
    {
        if (route.Proof == "code" && !route.Slots.Any(s => s.Value is { Type: "email" or "phone", Optional: false }))
        {
            report.Error($"{path}:proof", "There is no address that the one-time code could be sent to.", "Add a slot of type email or phone; the lookup must use it, so that the code proves something.");
        }

        if (route is { Proof: "code", Lookup: { } looked } && options.Lookups.TryGetValue(looked, out var opened)
            && route.Slots.FirstOrDefault(s => s.Value.Type is "email" or "phone").Key is { } address && !Compared(route, opened).Contains(address))
        {
            report.Error(
                $"{path}:proof", $"The lookup '{looked}' does not compare '{address}', to which the one-time code goes: whoever has a code sent to themselves would be shown what belongs to others.",
                $"Use @{SqlParameters.NameOf(address)} or {{{{ {address} }}}} in the lookup.");
        }

        if (route is { Proof: "contact", Lookup: { } own } && options.Lookups.TryGetValue(own, out var shown) && shown.Kind is "sql" or "http"
            && !Compared(route, shown).Any(s => route.Slots[s].From is not null)
            && !(shown.Query ?? "").Contains("@contact_id", StringComparison.OrdinalIgnoreCase) && !(shown.Url ?? "").Contains("contact_id", StringComparison.Ordinal))
        {
            report.Warning(
                $"{path}:proof", $"The lookup '{own}' compares nothing that the site vouches for, so one verified visitor could ask for what belongs to another.",
                "Give a slot from: contact.identifier (the part of the profile that the site signs), and use it in the lookup.");
        }

        if (route.Proof != "known-fact")
        {
            return;
        }

        if (route.Lookup is null)
        {
            report.Error($"{path}:proof", "known-fact needs a lookup that finds nothing unless the facts match.", "Add a lookup, or use another proof.");
            return;
        }

        if (!options.Lookups.TryGetValue(route.Lookup, out var lookup))
        {
            return;
        }

        var compared = Compared(route, lookup);
        if (compared.Count == 0)
        {
            report.Error($"{path}:proof", $"The lookup '{route.Lookup}' compares no slot, so everybody would be shown the same.", "Use the slots in the lookup, or another proof.");
            return;
        }

        if (compared.Count == 1)
        {
            report.Warning($"{path}:proof", "A single fact proves little: numbers can be counted through.", "Let the lookup compare two facts, for example the order number and the e-mail.");
        }

        // With an action some slots are what is wanted and not who asks.
        foreach (var slot in route.Slots.Where(s => route.Action is null && !s.Value.Optional && !compared.Contains(s.Key)).Select(s => s.Key))
        {
            report.Warning($"{path}:slots:{slot}", $"The lookup '{route.Lookup}' does not compare '{slot}', so it proves nothing.", $"Use @{SqlParameters.NameOf(slot)} or {{{{ {slot} }}}} in the lookup.");
        }
    }

    /// <summary>The slots that have a say in what the lookup finds.</summary>
    private static HashSet<string> Compared(RouteOptions route, LookupOptions lookup)
    {
        var all = new HashSet<string>(route.Slots.Keys, StringComparer.OrdinalIgnoreCase);
        switch (lookup.Kind)
        {
            case "sql":
                var parameters = SqlText.Read(lookup.Query ?? "", lookup.Provider).Parameters;
                all.RemoveWhere(s => !parameters.Contains(SqlParameters.NameOf(s), StringComparer.OrdinalIgnoreCase));
                break;
            case "http":
                try
                {
                    var variables = new HttpRequestTemplate(lookup.Method, lookup.Url ?? "", lookup.Headers, lookup.Body).Variables.ToList();
                    all.RemoveWhere(s => !variables.Contains(s) && !variables.Contains("slots." + s));
                }
                catch (FormatException)
                {
                    // Reported where the lookup is checked.
                }

                break;
        }

        return all;
    }

    private void CheckReply(string path, RouteOptions route)
    {
        var reply = route.Reply;
        foreach (var (key, outcome) in new[] { ("found", reply.Found), ("notFound", reply.NotFound), ("failed", reply.Failed), ("done", reply.Done) })
        {
            report.ExpectHandoff($"{path}:reply:{key}:handoff", outcome?.Handoff);
            if (outcome is { Handoff: null, Say.Count: 0 })
            {
                report.Error($"{path}:reply:{key}", "The outcome says nothing and hands nobody off.", "Write a text key, a list of keys, or { say: …, handoff: { … } }.");
            }
        }

        if (route.Lookup is null && (reply.Found ?? reply.NotFound) is not null)
        {
            report.Error($"{path}:reply:{(reply.Found is null ? "notFound" : "found")}", "The route has no lookup that could find anything.", "Add lookup: <name>, or write reply: <text key>.");
        }

        if (route.Action is null && reply.Done is not null)
        {
            report.Error($"{path}:reply:done", "The route has no action that could be done.", "Add action: <name>, or write reply: <text key>.");
        }

        if (reply.Text is null && (route.Action is not null ? reply.Done : reply.Found) is null)
        {
            report.Error($"{path}:reply", "The route has nothing to say when all goes well.", route switch
            {
                { Action: not null } => "Add reply: { done: <text key> }.",
                { Lookup: not null } => "Add reply: { found: <text key>, notFound: <text key> }.",
                _ => "Add reply: <text key>.",
            });
        }

        if (route.Action is not null && route.Confirm is null)
        {
            report.Warning($"{path}:action", "The route names no question before the action, so the built-in one is asked.", "Add confirm: <text key>.");
        }
    }

    private void CheckSlot(string path, SlotOptions slot)
    {
        if (slot.Type == "pattern" && slot.Pattern is null)
        {
            report.Error($"{path}:pattern", "A slot of type pattern needs a pattern.", "Write pattern: '#?(?<value>\\d{4,10})'.");
        }

        if (slot.Pattern is not null)
        {
            CheckPattern($"{path}:pattern", slot.Pattern);
        }

        if (slot.Type == "choice" && slot.Choices.Count == 0)
        {
            report.Error($"{path}:choices", "A slot of type choice needs choices.", "Write choices: { small: [s, little], large: [l, big] }.");
        }

        if (slot.Min > slot.Max)
        {
            report.Error($"{path}:min", "min is above max.", "Exchange the two.");
        }

        if (slot is { Min: not null } or { Max: not null } && slot.Type is not ("number" or "money" or "time"))
        {
            report.Error($"{path}:{(slot.Min is null ? "max" : "min")}", $"min and max have no meaning for a slot of type {slot.Type}.", "They belong to number, money and time.");
        }

        if (slot.Type == "time" && (slot.Min is < 0 or > 24 || slot.Max is < 0 or > 24))
        {
            report.Error($"{path}:{(slot.Min is < 0 or > 24 ? "min" : "max")}", "min and max of a time are hours from 0 to 24.", "Write min: 9.5 for half past nine.");
        }

        if ((slot.Future || slot.Past) && slot.Type is not ("date" or "date-range"))
        {
            report.Error($"{path}:{(slot.Future ? "future" : "past")}", $"future and past have no meaning for a slot of type {slot.Type}.", "They belong to date and date-range.");
        }

        if (slot is { Future: true, Past: true })
        {
            report.Error($"{path}:past", "A date cannot be both in the future and in the past.", "Keep one.");
        }

        if (slot.From is { } from && !Regex.IsMatch(from, "^contact\\.[A-Za-z0-9_-]+$"))
        {
            report.Error($"{path}:from", "The profile field cannot be read.", "Write contact.email, contact.phone, contact.name, or contact.<attribute>.");
        }
    }

    private void CheckPattern(string path, string pattern)
    {
        try
        {
            // What no customer can make slow is preferred; the other engine runs with a time limit.
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
        catch (ArgumentException ex)
        {
            report.Error(path, $"The pattern is not a regular expression: {ex.Message.TrimEnd('.')}.", "Correct it; quote it with single quotes so that YAML leaves backslashes alone.");
        }
    }
}
