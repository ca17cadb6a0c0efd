using IntentRouter.Configuration;
using IntentRouter.Dialogue.Extraction;

namespace IntentRouter.Replies;

/// <summary>Finds before the start what would otherwise fail in front of a customer: variables that no text can have, slots that no tables can read.</summary>
internal static class TextVariableCheck
{
    private static readonly Dictionary<string, string[]> _members = new()
    {
        ["conversation"] = ["language", "channel", "attributes"],
        ["bot"] = ["name", "language"],
        ["hours"] = ["open", "next"],
    };

    private static readonly string[] _always = ["contact", "conversation", "bot", "hours"];

    /// <summary>What a text may use where it is said.</summary>
    private sealed record Place(string What, IReadOnlyCollection<string>? Slots, bool HasResult, string[] More);

    public static IEnumerable<ConfigurationProblem> Run(RouterOptions options, BotOptions bot, TextCatalog catalog)
    {
        foreach (var problem in Unreadable(options, bot, catalog))
        {
            yield return problem;
        }

        var places = Places(options, bot).ToLookup(p => p.Key, p => p.Place);
        foreach (var text in catalog.Own)
        {
            foreach (var variable in text.Templates.SelectMany(t => t.Variables).Distinct())
            {
                // A text that nothing names is checked for the names alone.
                foreach (var place in places[text.Key].DefaultIfEmpty(new Place("a text", null, HasResult: true, ["result", "results", "slots", "slot", "limit", "attempt", "address", "reason"])))
                {
                    if (Wrong(variable, text, place) is var (message, remedy))
                    {
                        yield return new ConfigurationProblem(text.File, text.Line, 1, text.Key, $"{{{{ {variable} }}}}", message, remedy);
                        break;
                    }
                }
            }

            if (text.Each is { } each && each != "results" && !each.StartsWith("result.", StringComparison.Ordinal))
            {
                yield return new ConfigurationProblem(text.File, text.Line, 1, $"{text.Key}:each", each, "Items can be repeated for results, or for a list inside the result.", "Write each: results, or each: result.lines.");
            }
        }
    }

    private static (string Message, string Remedy)? Wrong(string variable, ReplyText text, Place place)
    {
        var parts = variable.Split('.', '[');
        var root = parts[0];
        var member = parts.Length > 1 ? parts[1] : null;
        if (root == "item" && text.Each is not null)
        {
            return null;
        }

        if (root is "result" or "results")
        {
            return place.HasResult ? null : ($"There is no {root} in {place.What}.", "Use it in the reply to a lookup or an action.");
        }

        if (root == "slots")
        {
            return place.Slots is null && !place.More.Contains("slots") ? ($"There are no slots in {place.What}.", "Use slots in the texts of a route.")
                : place.Slots is not null && member is not null && !place.Slots.Contains(member) ? ($"There is no slot '{member}' in {place.What}.", $"Use one of {string.Join(", ", place.Slots)}.")
                : null;
        }

        if (!_always.Contains(root) && !place.More.Contains(root))
        {
            return ($"There is no variable '{root}'.", $"Use {string.Join(", ", _always.Concat(place.HasResult ? ["result", "results"] : []).Concat(place.Slots is null ? [] : ["slots"]).Concat(place.More).Distinct())}.");
        }

        return member is not null && _members.TryGetValue(root, out var known) && !known.Contains(member)
            ? ($"There is no '{variable}'.", $"Use {string.Join(", ", known.Select(k => $"{root}.{k}"))}.")
            : null;
    }

    private static IEnumerable<(string Key, Place Place)> Places(RouterOptions options, BotOptions bot)
    {
        foreach (var (name, intent) in bot.Intents)
        {
            if (intent.Reply is { } reply)
            {
                yield return (reply, new Place($"the reply of the intent {name}", null, false, []));
            }

            if (intent.Title is { } title)
            {
                yield return (title, new Place($"the title of the intent {name}", null, false, []));
            }
        }

        foreach (var name in bot.Intents.Values.Select(i => i.Route).OfType<string>().Distinct())
        {
            if (!options.Routes.TryGetValue(name, out var route))
            {
                continue;
            }

            var slots = route.Slots.Keys;
            foreach (var (slot, slotOptions) in route.Slots)
            {
                foreach (var key in new[] { slotOptions.Ask ?? $"{name}.ask_{slot}", slotOptions.Help }.OfType<string>())
                {
                    yield return (key, new Place($"the question for {slot} (route {name})", slots, false, ["slot", "attempt", "limit"]));
                }
            }

            var looked = route.Lookup is not null;
            if (route.Confirm is { } confirm)
            {
                yield return (confirm, new Place($"the confirmation of the route {name}", slots, looked, ["attempt"]));
            }

            foreach (var (what, keys, hasResult) in new (string, IEnumerable<string>, bool)[]
            {
                ("reply", new[] { route.Reply.Text }.OfType<string>(), looked || route.Action is not null),
                ("found", route.Reply.Found?.Say ?? [], true),
                ("notFound", route.Reply.NotFound?.Say ?? [], false),
                ("failed", route.Reply.Failed?.Say ?? [], false),
                ("done", route.Reply.Done?.Say ?? [], true),
            })
            {
                foreach (var key in keys)
                {
                    yield return (key, new Place($"{what} of the route {name}", slots, hasResult, []));
                }
            }
        }
    }

    /// <summary>Dates and times in words need tables of the language; an engine's entity does not.</summary>
    private static IEnumerable<ConfigurationProblem> Unreadable(RouterOptions options, BotOptions bot, TextCatalog catalog)
    {
        var spoken = bot.Languages.Count > 0 ? bot.Languages : [.. catalog.Languages.Prepend(bot.Language).Distinct(StringComparer.OrdinalIgnoreCase)];
        foreach (var language in spoken.Where(l => Lexicon.Of(l) is null))
        {
            foreach (var name in bot.Intents.Values.Select(i => i.Route).OfType<string>().Distinct())
            {
                foreach (var (slot, _) in options.Routes.GetValueOrDefault(name)?.Slots.Where(s => s.Value is { Type: "date" or "time" or "date-range", Entity: null }) ?? [])
                {
                    yield return new ConfigurationProblem(
                        null, 0, 0, $"routes:{name}:slots:{slot}:type", null, $"Dates and times cannot be read in '{language}', which the bot speaks; they can in {string.Join(", ", Lexicon.Languages)}.",
                        $"Name the entity of an engine that reads them (entity: …), or leave {language} out of the bot's 'languages'.");
                }
            }
        }
    }
}
