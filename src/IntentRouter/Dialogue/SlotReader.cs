using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using PhoneNumbers;

namespace IntentRouter.Dialogue;

/// <summary>A value found in a text: canonical form, the words it came from, and where they are.</summary>
internal sealed record SlotReading(string Value, string Raw, int Start, int Length);

/// <summary>What a slot's type made of a text: a value, or why a value that was seen cannot be taken, or neither.</summary>
/// <param name="Start">Where the value stands, or the one that cannot be taken.</param>
/// <param name="Length">0 where that is not known.</param>
internal readonly record struct SlotRead(SlotReading? Reading, SlotProblem? Problem, int Start = 0, int Length = 0)
{
    public static SlotRead Nothing => default;

    public static implicit operator SlotRead(SlotProblem problem) => new(null, problem);

    public static implicit operator SlotRead(SlotReading reading) => new(reading, null, reading.Start, reading.Length);
}

/// <summary>What reading depends on beside the text.</summary>
/// <param name="Language">BCP 47.</param>
/// <param name="Now">The moment in the person's time zone.</param>
/// <param name="Region">Country for phone numbers without a prefix, ISO 3166, or null.</param>
/// <param name="FirstDay">Of a span of days whose last one is still missing.</param>
internal sealed record ReadingContext(string Language, DateTimeOffset Now, string? Region = null, DateOnly? FirstDay = null);

/// <summary>Reads one slot's value out of free text. Pure.</summary>
internal static partial class SlotReader
{
    /// <summary>Nobody writes a value further down; longer texts are read up to here.</summary>
    public const int LongestText = 2_000;

    private static readonly TimeSpan _patternTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly ConcurrentDictionary<string, Regex> _patterns = new();

    /// <param name="name">The slot's name: of "2 rooms for 4 people" <c>guests</c> takes the 4 and <c>rooms</c> the 2.</param>
    /// <param name="asked">The slot was just asked for, so a bare answer counts: "8" is a time, any words are a text.</param>
    public static SlotRead Read(SlotOptions slot, string text, ReadingContext context, bool asked, string name = "")
    {
        text = text.Length > LongestText ? text[..LongestText] : text;
        var read = slot.Type switch
        {
            "email" => Email(text),
            "phone" => Phone(text, context, asked),
            "pattern" => Pattern(slot.Pattern, text),
            "choice" => Choice(slot, text, context),
            "number" => Extraction.Numbers.Read(text, context.Language, asked, name),
            "money" => Extraction.Numbers.ReadMoney(text, context.Language, asked),
            "date" => Extraction.When.ReadDate(text, context, asked, slot.Past && !slot.Future),
            "time" => Extraction.When.ReadTime(text, context, asked, slot.Min, slot.Max),
            "date-range" => Extraction.When.ReadRange(text, context, asked),
            "text" => asked ? Text(text) : SlotRead.Nothing,
            _ => SlotRead.Nothing,
        };
        // Half a span may be wrong already.
        var found = read.Reading?.Value ?? (read.Problem is { Code: SlotProblem.RangeIncomplete, Limit: { } first } ? first : null);
        return found is not null && Check(slot, found, context) is { } problem ? read with { Reading = null, Problem = problem } : read;
    }

    /// <summary>Takes a value that came in one piece (an engine's entity, a form field, a profile) when the slot's type can read it.</summary>
    public static SlotRead Accept(SlotOptions slot, string value, ReadingContext context)
    {
        if (slot.Type == "choice" && slot.Choices.Keys.FirstOrDefault(k => k.Equals(value.Trim(), StringComparison.OrdinalIgnoreCase)) is { } key)
        {
            return new SlotReading(key, value, 0, value.Length);
        }

        return Canonical(slot, value) is { } canonical
            ? Check(slot, canonical, context) is { } problem ? problem : new SlotReading(canonical, value, 0, value.Length)
            : Read(slot, value, context, asked: true);
    }

    /// <summary>Why the canonical value breaks the slot's own rules, or null.</summary>
    public static SlotProblem? Check(SlotOptions slot, string value, ReadingContext context)
    {
        if (slot.MaxLength is { } longest && value.Length > longest)
        {
            return new SlotProblem("too-long", longest.ToString(CultureInfo.InvariantCulture));
        }

        if (slot.Type is "number" or "money" && decimal.TryParse(value.Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture, out var number))
        {
            if (slot.Min is { } min && number < min)
            {
                return new SlotProblem("too-small", min.ToString(CultureInfo.InvariantCulture));
            }

            if (slot.Max is { } max && number > max)
            {
                return new SlotProblem("too-large", max.ToString(CultureInfo.InvariantCulture));
            }
        }

        if (slot.Type == "time" && TimeOnly.TryParseExact(value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            var hours = (decimal)time.ToTimeSpan().TotalHours;
            return slot.Min is { } earliest && hours < earliest ? new SlotProblem("too-early", Clock(earliest))
                : slot.Max is { } latest && hours > latest ? new SlotProblem("too-late", Clock(latest))
                : null;
        }

        var today = DateOnly.FromDateTime(context.Now.DateTime);
        if (slot.Type is "date" or "date-range" && DateOnly.TryParseExact(value.Split('/')[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            if (slot.Future && date < today)
            {
                return new SlotProblem("not-future");
            }

            if (slot.Past && date > today)
            {
                return new SlotProblem("not-past");
            }
        }

        return null;
    }

    private static string Clock(decimal hours) => TimeSpan.FromHours((double)hours).ToString(@"hh\:mm", CultureInfo.InvariantCulture);

    // An engine's entity is often canonical already; reading it again as words would only lose it.
    private static string? Canonical(SlotOptions slot, string value) => slot.Type switch
    {
        "date" when DateOnly.TryParseExact(value.Length >= 10 ? value[..10] : value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "time" when IsoTime().Match(value) is { Success: true } m => m.Groups["time"].Value,
        "number" when decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number.ToString(CultureInfo.InvariantCulture),
        "text" => value.Trim() is { Length: > 0 } trimmed ? trimmed : null,
        _ => null,
    };

    private static SlotRead Text(string text) =>
        text.Trim() is { Length: > 0 } trimmed ? new SlotReading(trimmed, text, 0, text.Length) : SlotRead.Nothing;

    private static SlotRead Email(string text)
    {
        var match = EmailPattern().Match(text);
        return match.Success
#pragma warning disable CA1308 // Addresses are compared in lower case.
            ? new SlotReading(match.Value.ToLowerInvariant().Replace('’', '\''), match.Value, match.Index, match.Length)
#pragma warning restore CA1308
            : text.Contains('@', StringComparison.Ordinal) ? new SlotProblem("not-an-email") : SlotRead.Nothing;
    }

    private static SlotRead Phone(string text, ReadingContext context, bool asked)
    {
        var util = PhoneNumberUtil.GetInstance();
        var region = context.Region ?? RegionOf(context.Language);
        foreach (var match in util.FindNumbers(text, region))
        {
            return new SlotReading(util.Format(match.Number, PhoneNumberFormat.E164), match.RawString, match.Start, match.Length);
        }

        return asked && text.Count(char.IsDigit) >= 5 ? new SlotProblem("not-a-phone") : SlotRead.Nothing;
    }

    private static SlotRead Pattern(string? pattern, string text)
    {
        if (pattern is null)
        {
            return SlotRead.Nothing;
        }

        var regex = _patterns.GetOrAdd(pattern, Compile);
        try
        {
            for (var match = regex.Match(text); match.Success; match = match.NextMatch())
            {
                var value = match.Groups["value"].Success ? match.Groups["value"] : match;
                // Part of a longer word or number is something else: four digits of a card number are no order number.
                if (value.Length > 0 && !Joined(text, value.Index - 1, value.Index) && !Joined(text, value.Index + value.Length - 1, value.Index + value.Length))
                {
                    return new SlotReading(value.Value, match.Value, match.Index, match.Length);
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return new SlotProblem("not-understood");
        }

        return SlotRead.Nothing;
    }

    // An engine without backtracking cannot be made to run long by what somebody writes; patterns that look around need the other one.
    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, _patternTimeout);
        }
    }

    private static bool Joined(string text, int left, int right) =>
        left >= 0 && right < text.Length && char.IsLetterOrDigit(text[left]) && char.IsLetterOrDigit(text[right])
        && char.IsDigit(text[left]) == char.IsDigit(text[right]);

    private static SlotRead Choice(SlotOptions slot, string text, ReadingContext context)
    {
        var tokens = Extraction.Tokens.Of(text);
        var found = new List<(string Value, int From, int Next)>();
        foreach (var (value, synonyms) in slot.Choices)
        {
            var phrases = new Extraction.PhraseTable();
            foreach (var phrase in synonyms.Prepend(value))
            {
                phrases.Add(phrase, 0);
            }

            for (var i = 0; i < tokens.Count; i++)
            {
                if (phrases.At(tokens, i, out _, out var next))
                {
                    found.Add((value, i, next));
                }
            }
        }

        // "Single room" is no "room", and "not the tent" no tent.
        found.RemoveAll(f => found.Exists(o => o.From <= f.From && o.Next >= f.Next && o.Next - o.From > f.Next - f.From));
        var meant = found.Where(f => !Negated(tokens, f.From)).ToList();
        meant = meant.Count == 0 ? found : meant;
        if (meant.Count == 0 || meant.Exists(f => f.Value != meant[0].Value))
        {
            return SlotRead.Nothing;
        }

        var (chosen, from, to) = meant[0];
        var start = tokens[from].Start;
        return new SlotReading(chosen, text[start..tokens[to - 1].End], start, tokens[to - 1].End - start);
    }

    private static bool Negated(IReadOnlyList<Extraction.Token> tokens, int at)
    {
        for (var i = at - 1; i >= Math.Max(0, at - 2); i--)
        {
            if (tokens[i].Text is "not" or "nicht" or "kein" or "keine" or "keinen" or "pas" or "nao" or "non" or "niet" or "geen")
            {
                return true;
            }
        }

        return false;
    }

    private static string RegionOf(string language)
    {
        var parts = language.Split('-', '_');
        return parts.Length > 1 && parts[^1].Length == 2
            ? parts[^1].ToUpperInvariant()
            : parts[0] switch { "de" => "DE", "fr" => "FR", "es" => "ES", "pt" => "PT", "it" => "IT", "nl" => "NL", _ => "US" };
    }

    [GeneratedRegex(@"(?<![\w.+-])[A-Za-z0-9](?:[A-Za-z0-9._%+'’&-]{0,62}[A-Za-z0-9_+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w@-])", RegexOptions.CultureInvariant)]
    internal static partial Regex EmailPattern();

    [GeneratedRegex(@"^(?:\d{4}-\d{2}-\d{2}T)?(?<time>(?:[01]\d|2[0-3]):[0-5]\d)(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();
}
