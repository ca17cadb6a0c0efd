using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>Whether every text key that a bot may need has a text, in its default language and in every other that it speaks.</summary>
internal sealed class TextChecks(RouterOptions options, ProblemReport report, ITextSource texts)
{
    public void Run(string botName, BotOptions bot, TextCatalog catalog)
    {
        var languages = texts.LanguagesOf(catalog).Concat(bot.Languages)
            .Where(l => !string.Equals(l, bot.Language, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        foreach (var (path, key, question) in KeysOf($"bots:{botName}", bot).DistinctBy(k => (k.Path, k.Key)))
        {
            if (texts.Find(catalog, bot.Language, key) == TextPresence.Missing)
            {
                report.Error(
                    path,
                    question ? $"There is no text '{key}' to ask for this slot (bot {botName}, language {bot.Language})." : $"There is no text '{key}' for bot {botName} in its language, {bot.Language}.",
                    $"Add '{key}' to {bot.Language}.yaml in the folder that 'texts' names.");
                continue;
            }

            foreach (var language in languages.Where(l => texts.Find(catalog, l, key) != TextPresence.Written))
            {
                report.Warning(path, $"There is no text '{key}' in {language}; bot {botName} would fall back to another language.", $"Add '{key}' to {language}.yaml.");
            }
        }
    }

    private IEnumerable<(string Path, string Key, bool IsQuestion)> KeysOf(string path, BotOptions bot)
    {
        yield return ($"{path}:handoff:say", bot.Handoff.Say, false);
        yield return ($"{path}:handoff:outOfHours", bot.Handoff.OutOfHours, false);
        foreach (var (reason, target) in bot.Handoff.Reasons.Where(r => r.Value.Say is not null))
        {
            yield return ($"{path}:handoff:reasons:{reason}:say", target.Say!, false);
        }

        if (bot.Greeting.On)
        {
            yield return ($"{path}:greeting:say", bot.Greeting.Say, false);
        }

        foreach (var (name, intent) in bot.Intents)
        {
            if (intent.Reply is { } reply)
            {
                yield return ($"{path}:intents:{name}:reply", reply, false);
            }

            if (intent.Handoff?.Say is { } say)
            {
                yield return ($"{path}:intents:{name}:handoff:say", say, false);
            }
        }

        var routes = bot.Intents.Values.Where(i => i.Route is not null).Select(i => i.Route!).Distinct(StringComparer.OrdinalIgnoreCase);
        foreach (var name in routes.Where(options.Routes.ContainsKey))
        {
            foreach (var key in KeysOf($"routes:{name}", name, options.Routes[name]))
            {
                yield return key;
            }
        }
    }

    private static IEnumerable<(string Path, string Key, bool IsQuestion)> KeysOf(string path, string name, RouteOptions route)
    {
        foreach (var (slot, slotOptions) in route.Slots)
        {
            if (!slotOptions.Optional || slotOptions.Ask is not null)
            {
                yield return ($"{path}:slots:{slot}:ask", slotOptions.Ask ?? $"{name}.ask_{slot}", true);
            }

            if (slotOptions.Help is { } help)
            {
                yield return ($"{path}:slots:{slot}:help", help, false);
            }
        }

        if (route.Confirm is { } confirm)
        {
            yield return ($"{path}:confirm", confirm, false);
        }

        if (route.Reply.Text is { } text and not "provider")
        {
            yield return ($"{path}:reply:text", text, false);
        }

        foreach (var (outcome, said) in new[] { ("found", route.Reply.Found), ("notFound", route.Reply.NotFound), ("failed", route.Reply.Failed), ("done", route.Reply.Done) })
        {
            foreach (var key in said?.Say ?? [])
            {
                yield return ($"{path}:reply:{outcome}:say", key, false);
            }

            if (said?.Handoff?.Say is { } handoffSay)
            {
                yield return ($"{path}:reply:{outcome}:handoff:say", handoffSay, false);
            }
        }
    }
}
