using System.Globalization;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;

namespace IntentRouter.Dialogue;

/// <summary>
/// Fills a route's slots from what is at hand: the engine's entities, the words themselves, what was said before, the profile. A new value of a
/// filled slot is a correction. Pure.
/// </summary>
internal static class SlotFiller
{
    // What is unmistakable is read first, so that the digits of a date are not taken for a number of guests.
    private static readonly string[] _order = ["email", "date-range", "date", "time", "phone", "money", "pattern", "choice", "number", "text"];

    /// <param name="Route">The route with the values found.</param>
    /// <param name="Changed">Slots that have another value than before.</param>
    /// <param name="Problems">Why values that were said were not taken, by slot.</param>
    /// <param name="Rest">The words that no slot used.</param>
    public sealed record Filling(ActiveRoute Route, IReadOnlySet<string> Changed, IReadOnlyDictionary<string, SlotProblem> Problems, string Rest);

    /// <param name="asked">The slot that the bot just asked for, or null.</param>
    public static Filling Fill(DecisionInput input, RouteOptions options, ActiveRoute route, string text, IReadOnlyList<Entity> entities, string? asked)
    {
        var context = ContextOf(input);
        text = text.Length > SlotReader.LongestText ? text[..SlotReader.LongestText] : text;
        var slots = new Dictionary<string, SlotValue>(route.Slots);
        var changed = new HashSet<string>();
        var begun = new Dictionary<string, DateOnly>(route.Begun);
        var rest = text.ToCharArray();
        var problems = new Dictionary<string, SlotProblem>();

        foreach (var (name, slot) in options.Slots.Where(s => !IsVouched(options, s.Value)))
        {
            if (EntityFor(name, slot, entities) is { } entity && SlotReader.Accept(slot, entity.Value, context).Reading is { } taken)
            {
                Set(name, new SlotValue(taken.Value, entity.Text ?? entity.Value, SlotSource.Entity));
                Blank(rest, entity.Start ?? text.IndexOf(entity.Text ?? entity.Value, StringComparison.OrdinalIgnoreCase), entity.Length ?? (entity.Text ?? entity.Value).Length);
            }
        }

        var bySpecificity = options.Slots
            .Where(s => !changed.Contains(s.Key) && !IsVouched(options, s.Value))
            .OrderBy(s => Array.IndexOf(_order, s.Value.Type))
            .ThenBy(s => s.Key != asked)
            .ThenBy(s => slots.ContainsKey(s.Key))
            .ToList();
        foreach (var (name, slot) in bySpecificity)
        {
            // What was asked for is read last and leniently, unless it is unmistakable by itself.
            Take(name, slot, lenient: false);
        }

        if (asked is not null && !changed.Contains(asked) && options.Slots.TryGetValue(asked, out var question) && !IsVouched(options, question))
        {
            Take(asked, question, lenient: true);
        }

        return new Filling(route with { Slots = slots, Begun = begun, Confirmed = route.Confirmed && changed.Count == 0 }, changed, problems.Where(p => !changed.Contains(p.Key)).ToDictionary(), new string(rest).Trim());

        void Take(string name, SlotOptions slot, bool lenient)
        {
            var left = slot.Type switch
            {
                "text" => PersonName.IsAskedBy(slot) ? PersonName.In(text, new string(rest)) ?? "" : text,
                "pattern" => WithoutEmails(new string(rest), slot),
                _ => new string(rest),
            };
            var read = SlotReader.Read(slot, left, route.Begun.TryGetValue(name, out var first) ? context with { FirstDay = first } : context, lenient, name);
            // A number somewhere in a sentence need not be the number of guests; a date that is past was surely meant.
            if (read.Problem is { } problem && (name == asked || slot.Type is "date" or "date-range" or "time" or "email"))
            {
                problems[name] = problem;
                if (problem.Code == SlotProblem.RangeIncomplete && DateOnly.TryParseExact(problem.Limit, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    begun[name] = day;
                }
            }

            if (read.Reading is { } reading)
            {
                Set(name, new SlotValue(reading.Value, reading.Raw, SlotSource.Said));
            }

            // The digits of a day that is past are no number of guests.
            Blank(rest, read.Start, read.Length);
        }

        void Set(string name, SlotValue value)
        {
            // The same value again still answers the question.
            if (!slots.TryGetValue(name, out var before) || before.Value != value.Value || name == asked)
            {
                slots[name] = value;
                begun.Remove(name);
                changed.Add(name);
            }
        }
    }

    /// <summary>With <c>proof: contact</c> the site says who it is: what comes from the profile is never taken from the person's own words.</summary>
    public static bool IsVouched(RouteOptions options, SlotOptions slot) => options.Proof == "contact" && slot.From is not null;

    /// <summary>Fills what is still empty from the intent's own values, the session, the profile and the defaults.</summary>
    /// <param name="answered">A route that was just answered and whose values this one goes on with, or null.</param>
    public static ActiveRoute FillFromMemory(DecisionInput input, RouteOptions options, ActiveRoute route, ActiveRoute? answered = null)
    {
        var context = ContextOf(input);
        var slots = new Dictionary<string, SlotValue>(route.Slots);
        foreach (var (name, slot) in options.Slots)
        {
            if (slots.ContainsKey(name))
            {
                continue;
            }

            if (!IsVouched(options, slot) && Known(name, slot) is { } remembered && SlotReader.Accept(slot, remembered.Value, context).Reading is { } known)
            {
                slots[name] = new SlotValue(known.Value, remembered.Raw, SlotSource.Remembered);
            }
            else if (slot.From is { } from && ProfileValue(input.State.Facts.Contact, from) is { Length: > 0 } value && SlotReader.Accept(slot, value, context).Reading is { } profile)
            {
                slots[name] = new SlotValue(profile.Value, null, SlotSource.Profile);
            }
            else if (slot.Default is { } fallback)
            {
                slots[name] = new SlotValue(fallback, null, SlotSource.Profile);
            }
        }

        return route with { Slots = slots };

        // Free words belong to what they were said for; what another route can do without was not asked of it.
        SlotValue? Known(string name, SlotOptions slot) =>
            answered?.Slots.GetValueOrDefault(name) is { } before && slot.Type != "text" && (!slot.Optional || answered.Route == route.Route)
                ? before
                : input.State.Session.Remembered.GetValueOrDefault(name)
                // Who asks something else meanwhile has said this already.
                ?? (slot.Type is "email" or "phone" ? input.State.Session.Active?.Slots.GetValueOrDefault(name) : null);
    }

    public static ReadingContext ContextOf(DecisionInput input) =>
        new(input.Language, TimeZoneInfo.ConvertTime(input.Now, ZoneOf(input.Bot, input.State.Facts.Contact)),
            RegionOf(input.State.Facts.Contact.Phone) ?? (input.State.Facts.BrowserLanguage?.Split('-', '_') is [_, .., { Length: 2 } region] ? region.ToUpperInvariant() : null));

    /// <summary>The person's time zone where known, else the bot's.</summary>
    public static TimeZoneInfo ZoneOf(Bot bot, ContactFacts contact) =>
        contact.TimeZone is { } own && TimeZoneInfo.TryFindSystemTimeZoneById(own, out var zone) ? zone
        : bot.Options.TimeZone is { } set && TimeZoneInfo.TryFindSystemTimeZoneById(set, out zone) ? zone
        : bot.Hours?.Zone ?? TimeZoneInfo.Utc;

    private static string? RegionOf(string? phone)
    {
        if (phone is not ['+', ..])
        {
            return null;
        }

        try
        {
            var util = PhoneNumbers.PhoneNumberUtil.GetInstance();
            return util.GetRegionCodeForNumber(util.Parse(phone, null));
        }
        catch (PhoneNumbers.NumberParseException)
        {
            return null;
        }
    }

    private static Entity? EntityFor(string name, SlotOptions slot, IReadOnlyList<Entity> entities)
    {
        var wanted = slot.Entity ?? name;
        // "wanted:role" tells two entities of one kind apart: from and to.
        return entities.FirstOrDefault(e => e.Role is { } role && ($"{e.Name}:{role}" == wanted || role == wanted))
            ?? entities.FirstOrDefault(e => e.Name == wanted && e.Role is null)
            ?? entities.FirstOrDefault(e => e.Name == wanted);
    }

    private static string? ProfileValue(ContactFacts contact, string from)
    {
        var field = from.StartsWith("contact.", StringComparison.Ordinal) ? from["contact.".Length..] : from;
        return field switch
        {
            "email" => contact.Email,
            "phone" => contact.Phone,
            "name" => contact.Name,
            "identifier" => contact.Identifier,
            _ => contact.CustomAttributes.TryGetValue(field, out var value)
                ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
                : null,
        };
    }

    private static string WithoutEmails(string text, SlotOptions slot) =>
        slot.Pattern?.Contains('@', StringComparison.Ordinal) == true ? text : SlotReader.EmailPattern().Replace(text, m => new string(' ', m.Length));

    private static void Blank(char[] text, int start, int length)
    {
        for (var i = Math.Max(0, start); start >= 0 && i < Math.Min(text.Length, start + length); i++)
        {
            text[i] = ' ';
        }
    }
}
