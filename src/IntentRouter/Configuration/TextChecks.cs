using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>Whether every text key that a bot may need has a text, in its default language and in every other that it speaks.</summary>
internal sealed class TextChecks(RouterOptions options, ProblemReport report)
{
    public void Run(string botName, BotOptions bot, TextCatalog catalog)
    {
        var languages = catalog.Languages.Concat(bot.Languages)
            .Where(l => !string.Equals(l, bot.Language, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        if (!Serves("en", bot.Language))
        {
            // What is built in is English, so in a bot of another language it is as good as missing.
            languages.Insert(0, bot.Language);
        }

        foreach (var (path, key, need) in KeysOf($"bots:{botName}", bot).DistinctBy(k => (k.Path, k.Key)))
        {
            if (catalog.Find(key, bot.Language) is not null)
            {
                Translated(path, key, languages.Where(l => catalog.Find(key, l) is not { } text || !Serves(text.Language, l)));
            }
            else if (need == Need.Question)
            {
                report.Warning(path, $"There is no text '{key}' to ask for this slot, so bot {botName} asks in the product's own words.", $"Add '{key}' to {bot.Language}.yaml in the folder that 'texts' names.");
            }
            else
            {
                report.Error(path, $"There is no text '{key}' for bot {botName} in its language, {bot.Language}.", $"Add '{key}' to {bot.Language}.yaml in the folder that 'texts' names.");
            }
        }
    }

    private void Translated(string path, string key, IEnumerable<string> without)
    {
        foreach (var language in without)
        {
            report.Warning(path, $"There is no text '{key}' in {language}: another language would be shown.", $"Add '{key}' to {language}.yaml.");
        }
    }

    // de.yaml serves de-AT and the other way round.
    private static bool Serves(string written, string asked) =>
        string.Equals(written.Split('-', '_')[0], asked.Split('-', '_')[0], StringComparison.OrdinalIgnoreCase);

    private IEnumerable<(string Path, string Key, Need Need)> KeysOf(string path, BotOptions bot)
    {
        yield return ($"{path}:handoff:say", bot.Handoff.Say, Need.Text);
        yield return ($"{path}:handoff:outOfHours", bot.Handoff.OutOfHours, Need.Text);
        foreach (var (reason, target) in bot.Handoff.Reasons.Where(r => r.Value.Say is not null))
        {
            yield return ($"{path}:handoff:reasons:{reason}:say", target.Say!, Need.Text);
        }

        if (bot.Greeting.On)
        {
            yield return ($"{path}:greeting:say", bot.Greeting.Say, Need.Text);
        }

        foreach (var (name, intent) in bot.Intents)
        {
            if (intent.Reply is { } reply)
            {
                yield return ($"{path}:intents:{name}:reply", reply, Need.Text);
            }

            if (intent.Handoff?.Say is { } say)
            {
                yield return ($"{path}:intents:{name}:handoff:say", say, Need.Text);
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

    private static IEnumerable<(string Path, string Key, Need Need)> KeysOf(string path, string name, RouteOptions route)
    {
        foreach (var (slot, slotOptions) in route.Slots)
        {
            if (!slotOptions.Optional || slotOptions.Ask is not null)
            {
                yield return ($"{path}:slots:{slot}:ask", slotOptions.Ask ?? $"{name}.ask_{slot}", slotOptions.Ask is null ? Need.Question : Need.Text);
            }

            if (slotOptions.Help is { } help)
            {
                yield return ($"{path}:slots:{slot}:help", help, Need.Text);
            }
        }

        if (route.Confirm is { } confirm)
        {
            yield return ($"{path}:confirm", confirm, Need.Text);
        }

        if (route.Reply.Text is { } text and not "provider")
        {
            yield return ($"{path}:reply:text", text, Need.Text);
        }

        foreach (var (outcome, said) in new[] { ("found", route.Reply.Found), ("notFound", route.Reply.NotFound), ("failed", route.Reply.Failed), ("done", route.Reply.Done) })
        {
            foreach (var key in said?.Say ?? [])
            {
                yield return ($"{path}:reply:{outcome}:say", key, Need.Text);
            }

            if (said?.Handoff?.Say is { } handoffSay)
            {
                yield return ($"{path}:reply:{outcome}:handoff:say", handoffSay, Need.Text);
            }
        }
    }

    private enum Need
    {
        Text,

        /// <summary>Nobody named the key: the product has words of its own.</summary>
        Question,
    }
}
