using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Dialogue;

namespace IntentRouter.Tests.Dialogue;

/// <summary>What people write, and the value a slot takes from it. The moment is Thursday, 8 October 2026, 10:00 in Berlin.</summary>
public class SlotValueTests
{
    private static readonly DateTimeOffset _now = new(2026, 10, 8, 10, 0, 0, TimeSpan.FromHours(2));

    private static string Read(string type, string language, string text, bool asked, Action<SlotOptions>? with = null)
    {
        var slot = new SlotOptions { Type = type };
        with?.Invoke(slot);
        var read = SlotReader.Read(slot, text, new ReadingContext(language, _now), asked);
        return read.Reading is { } reading ? reading.Value : read.Problem is { } problem ? "!" + problem.Code : "-";
    }

    [Theory]
    [InlineData("en", "tomorrow", "2026-10-09")]
    [InlineData("en", "the day after tomorrow please", "2026-10-10")]
    [InlineData("en", "on Friday", "2026-10-09")]
    [InlineData("en", "Thursday", "2026-10-15")]
    [InlineData("en", "this Thursday", "2026-10-08")]
    [InlineData("en", "next Friday", "2026-10-16")]
    [InlineData("en", "Friday next week", "2026-10-16")]
    [InlineData("en", "next week on Monday", "2026-10-12")]
    [InlineData("en", "5 November", "2026-11-05")]
    [InlineData("en", "November 5th", "2026-11-05")]
    [InlineData("en", "the 5th of November", "2026-11-05")]
    [InlineData("en", "the fifth of November 2027", "2027-11-05")]
    [InlineData("en", "Friday, 16 October", "2026-10-16")]
    [InlineData("en", "3 March", "2027-03-03")]
    [InlineData("en", "2026-12-24", "2026-12-24")]
    [InlineData("en", "24/12/2026", "2026-12-24")]
    [InlineData("en", "in three days", "2026-10-11")]
    [InlineData("en", "in 2 weeks", "2026-10-22")]
    [InlineData("en", "in a week", "2026-10-15")]
    [InlineData("en", "the 20th", "2026-10-20")]
    [InlineData("en", "the 3rd", "2026-11-03")]
    [InlineData("en", "not Friday, Saturday", "2026-10-10")]
    [InlineData("en", "change it from Friday to Sunday", "2026-10-11")]
    [InlineData("en", "a table for four on Friday at 8pm", "2026-10-09")]
    [InlineData("en", "29 February", "2028-02-29")]
    [InlineData("en", "31 November", "!no-such-date")]
    [InlineData("en", "５ November", "2026-11-05")]
    [InlineData("en", "5/11", "!ambiguous-date")]
    [InlineData("en-GB", "5/11", "2026-11-05")]
    [InlineData("en-US", "5/11", "2027-05-11")]
    [InlineData("en", "25/11", "2026-11-25")]
    [InlineData("en", "no idea", "-")]
    [InlineData("en", "I may come", "-")]
    [InlineData("en", "the sun is out", "-")]
    [InlineData("de", "morgen", "2026-10-09")]
    [InlineData("de", "guten Morgen", "-")]
    [InlineData("de", "übermorgen", "2026-10-10")]
    [InlineData("de", "am Freitag", "2026-10-09")]
    [InlineData("de", "nächsten Dienstag", "2026-10-13")]
    [InlineData("de", "nächste Woche Mittwoch", "2026-10-14")]
    [InlineData("de", "5. November", "2026-11-05")]
    [InlineData("de", "am 5.11.", "2026-11-05")]
    [InlineData("de", "5.11.2026", "2026-11-05")]
    [InlineData("de", "am fünften November", "2026-11-05")]
    [InlineData("de", "in drei Tagen", "2026-10-11")]
    [InlineData("de", "in zwei Wochen", "2026-10-22")]
    [InlineData("de", "am 20.", "2026-10-20")]
    [InlineData("de", "nicht Freitag, sondern Samstag", "2026-10-10")]
    [InlineData("fr", "demain", "2026-10-09")]
    [InlineData("fr", "après-demain", "2026-10-10")]
    [InlineData("fr", "vendredi", "2026-10-09")]
    [InlineData("fr", "mardi prochain", "2026-10-13")]
    [InlineData("fr", "le 5 novembre", "2026-11-05")]
    [InlineData("fr", "le 1er décembre", "2026-12-01")]
    [InlineData("fr", "le 05/11/2026", "2026-11-05")]
    [InlineData("fr", "dans trois jours", "2026-10-11")]
    [InlineData("fr", "aujourd'hui", "2026-10-08")]
    [InlineData("es", "mañana", "2026-10-09")]
    [InlineData("es", "pasado mañana", "2026-10-10")]
    [InlineData("es", "el viernes", "2026-10-09")]
    [InlineData("es", "el próximo martes", "2026-10-13")]
    [InlineData("es", "martes que viene", "2026-10-13")]
    [InlineData("es", "el 5 de noviembre", "2026-11-05")]
    [InlineData("es", "cinco de noviembre de 2027", "2027-11-05")]
    [InlineData("es", "dentro de 3 días", "2026-10-11")]
    [InlineData("pt", "amanhã", "2026-10-09")]
    [InlineData("pt", "depois de amanhã", "2026-10-10")]
    [InlineData("pt", "na sexta-feira", "2026-10-09")]
    [InlineData("pt", "na próxima terça", "2026-10-13")]
    [InlineData("pt", "5 de novembro", "2026-11-05")]
    [InlineData("pt", "daqui a três dias", "2026-10-11")]
    [InlineData("pt", "dia 20", "2026-10-20")]
    [InlineData("it", "domani", "2026-10-09")]
    [InlineData("it", "dopodomani", "2026-10-10")]
    [InlineData("it", "venerdì", "2026-10-09")]
    [InlineData("it", "martedì prossimo", "2026-10-13")]
    [InlineData("it", "il 5 novembre", "2026-11-05")]
    [InlineData("it", "tra tre giorni", "2026-10-11")]
    [InlineData("it", "il primo dicembre", "2026-12-01")]
    [InlineData("nl", "morgen", "2026-10-09")]
    [InlineData("nl", "overmorgen", "2026-10-10")]
    [InlineData("nl", "vrijdag", "2026-10-09")]
    [InlineData("nl", "aanstaande dinsdag", "2026-10-13")]
    [InlineData("nl", "volgende week woensdag", "2026-10-14")]
    [InlineData("nl", "5 november", "2026-11-05")]
    [InlineData("nl", "over drie dagen", "2026-10-11")]
    [InlineData("sv", "2026-11-05", "2026-11-05")]
    public void A_date_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("date", language, text, asked: true));

    [Theory]
    [InlineData("en", "3 October", "2026-10-03")]
    [InlineData("en", "last Friday", "2026-10-02")]
    [InlineData("en", "two days ago", "2026-10-06")]
    [InlineData("en", "Monday", "2026-10-05")]
    [InlineData("de", "vor drei Tagen", "2026-10-05")]
    [InlineData("de", "letzten Montag", "2026-10-05")]
    [InlineData("fr", "il y a trois jours", "2026-10-05")]
    [InlineData("es", "hace tres días", "2026-10-05")]
    [InlineData("pt", "há três dias", "2026-10-05")]
    [InlineData("it", "tre giorni fa", "2026-10-05")]
    [InlineData("nl", "drie dagen geleden", "2026-10-05")]
    public void A_date_in_the_past_is_read_where_the_slot_wants_one(string language, string text, string expected) =>
        Assert.Equal(expected, Read("date", language, text, asked: true, s => s.Past = true));

    [Theory]
    [InlineData("yesterday", "!not-future")]
    [InlineData("today", "2026-10-08")]
    public void A_date_that_must_lie_ahead_is_checked(string text, string expected) =>
        Assert.Equal(expected, Read("date", "en", text, asked: true, s => s.Future = true));

    [Theory]
    [InlineData("en", "8pm", "20:00")]
    [InlineData("en", "at 8:30 pm", "20:30")]
    [InlineData("en", "8 p.m.", "20:00")]
    [InlineData("en", "19:45", "19:45")]
    [InlineData("en", "half past seven in the evening", "19:30")]
    [InlineData("en", "quarter to nine pm", "20:45")]
    [InlineData("en", "at noon", "12:00")]
    [InlineData("en", "eight in the evening", "20:00")]
    [InlineData("en", "tonight at 8", "20:00")]
    [InlineData("en", "8 in the morning", "08:00")]
    [InlineData("en", "08:00", "08:00")]
    [InlineData("en", "at 8", "!ambiguous-time")]
    [InlineData("en", "8", "!ambiguous-time")]
    [InlineData("en", "12am", "00:00")]
    [InlineData("en", "12pm", "12:00")]
    [InlineData("en", "not at 7pm, at 8pm", "20:00")]
    [InlineData("en", "4 people on Friday at 19:30", "19:30")]
    [InlineData("de", "um acht", "08:00")]
    [InlineData("de", "um acht Uhr abends", "20:00")]
    [InlineData("de", "20 Uhr", "20:00")]
    [InlineData("de", "20 Uhr 30", "20:30")]
    [InlineData("de", "19.30 Uhr", "19:30")]
    [InlineData("de", "halb acht abends", "19:30")]
    [InlineData("de", "Viertel nach sieben", "07:15")]
    [InlineData("de", "viertel vor neun abends", "20:45")]
    [InlineData("fr", "20h", "20:00")]
    [InlineData("fr", "20h30", "20:30")]
    [InlineData("fr", "à 20 heures", "20:00")]
    [InlineData("fr", "huit heures du soir", "20:00")]
    [InlineData("fr", "huit heures et demie du soir", "20:30")]
    [InlineData("fr", "midi", "12:00")]
    [InlineData("es", "a las 20:30", "20:30")]
    [InlineData("es", "a las ocho y media de la tarde", "20:30")]
    [InlineData("es", "a las nueve de la noche", "21:00")]
    [InlineData("es", "mediodía", "12:00")]
    [InlineData("pt", "às 20h", "20:00")]
    [InlineData("pt", "às oito e meia da noite", "20:30")]
    [InlineData("pt", "meio-dia", "12:00")]
    [InlineData("it", "alle 20", "20:00")]
    [InlineData("it", "alle otto e mezza di sera", "20:30")]
    [InlineData("it", "ore 19.30", "19:30")]
    [InlineData("nl", "om 20 uur", "20:00")]
    [InlineData("nl", "half acht 's avonds", "19:30")]
    [InlineData("nl", "kwart over acht 's avonds", "20:15")]
    [InlineData("sv", "19:30", "19:30")]
    public void A_time_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("time", language, text, asked: true));

    [Theory]
    [InlineData("at 8", "20:00")]
    [InlineData("half past six", "18:30")]
    [InlineData("1", "13:00")]
    [InlineData("um acht", "20:00")]
    [InlineData("at 11:30 am", "!too-early")]
    [InlineData("23:00", "!too-late")]
    public void The_hours_of_the_slot_decide_which_half_of_the_day_is_meant(string text, string expected) =>
        Assert.Equal(expected, Read("time", text.StartsWith("um", StringComparison.Ordinal) ? "de" : "en", text, asked: true, s => (s.Min, s.Max) = (12, 22)));

    [Theory]
    [InlineData("en", "from 5 to 8 November", "2026-11-05/2026-11-08")]
    [InlineData("en", "5-8 November", "2026-11-05/2026-11-08")]
    [InlineData("en", "5 November to 8 November", "2026-11-05/2026-11-08")]
    [InlineData("en", "Friday to Monday", "2026-10-09/2026-10-12")]
    [InlineData("en", "3 nights from Friday", "2026-10-09/2026-10-12")]
    [InlineData("en", "from tomorrow for two nights", "2026-10-09/2026-10-11")]
    [InlineData("en", "30 December until 2 January", "2026-12-30/2027-01-02")]
    [InlineData("en", "next weekend", "2026-10-17/2026-10-18")]
    [InlineData("en", "this weekend", "2026-10-10/2026-10-11")]
    [InlineData("en", "2026-11-05/2026-11-08", "2026-11-05/2026-11-08")]
    [InlineData("en", "November 5 to 8", "2026-11-05/2026-11-08")]
    [InlineData("en", "Nov 5-8, two people", "2026-11-05/2026-11-08")]
    [InlineData("en", "3 December to the 5th", "2026-12-03/2026-12-05")]
    [InlineData("en", "from the 3rd to the 6th", "2026-11-03/2026-11-06")]
    [InlineData("en", "28 December until the 2nd", "2026-12-28/2027-01-02")]
    [InlineData("en", "tomorrow until the 12th", "2026-10-09/2026-10-12")]
    [InlineData("en", "5 November - 2 people", "!range-incomplete")]
    [InlineData("en", "on Friday", "!range-incomplete")]
    [InlineData("en", "2026-11-31/2026-12-02", "!no-such-date")]
    [InlineData("en", "from 31 November to 2 December", "!no-such-date")]
    [InlineData("en", "29 November to 31 November", "!no-such-date")]
    [InlineData("de", "vom 31. November bis zum 2. Dezember", "!no-such-date")]
    [InlineData("de", "vom 3. Dezember bis zum 5.", "2026-12-03/2026-12-05")]
    [InlineData("de", "vom 5. bis 8. November", "2026-11-05/2026-11-08")]
    [InlineData("de", "5.-8. November", "2026-11-05/2026-11-08")]
    [InlineData("de", "vom 5.11. bis 8.11.", "2026-11-05/2026-11-08")]
    [InlineData("de", "ab Freitag für drei Nächte", "2026-10-09/2026-10-12")]
    [InlineData("de", "nächstes Wochenende", "2026-10-17/2026-10-18")]
    [InlineData("fr", "du 5 au 8 novembre", "2026-11-05/2026-11-08")]
    [InlineData("fr", "trois nuits à partir de vendredi", "2026-10-09/2026-10-12")]
    [InlineData("es", "del 5 al 8 de noviembre", "2026-11-05/2026-11-08")]
    [InlineData("es", "tres noches desde el viernes", "2026-10-09/2026-10-12")]
    [InlineData("pt", "de 5 a 8 de novembro", "2026-11-05/2026-11-08")]
    [InlineData("it", "dal 5 all'8 novembre", "2026-11-05/2026-11-08")]
    [InlineData("it", "tre notti da venerdì", "2026-10-09/2026-10-12")]
    [InlineData("nl", "van 5 tot 8 november", "2026-11-05/2026-11-08")]
    [InlineData("nl", "drie nachten vanaf vrijdag", "2026-10-09/2026-10-12")]
    public void A_span_of_days_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("date-range", language, text, asked: true));

    [Theory]
    [InlineData("yesterday", "!not-future")]
    [InlineData("yesterday to tomorrow", "!not-future")]
    [InlineData("today", "!range-incomplete")]
    public void A_span_that_begins_in_the_past_is_refused_before_its_end_is_known(string text, string expected) =>
        Assert.Equal(expected, Read("date-range", "en", text, asked: true, s => s.Future = true));

    [Theory]
    [InlineData("en", "two nights", "2026-10-15/2026-10-17")]
    [InlineData("en", "till Monday", "2026-10-15/2026-10-19")]
    [InlineData("en", "thursday", "2026-10-15/2026-10-22")]
    [InlineData("en", "Wednesday", "2026-10-15/2026-10-21")]
    [InlineData("en", "the 18th", "2026-10-15/2026-10-18")]
    [InlineData("en", "20 October", "2026-10-15/2026-10-20")]
    [InlineData("en", "no, from 20 to 22 October", "2026-10-20/2026-10-22")]
    [InlineData("en", "tomorrow", "!range-incomplete 2026-10-09")]
    [InlineData("en", "hm", "")]
    [InlineData("en", "90 nights", "")]
    [InlineData("de", "für drei Nächte", "2026-10-15/2026-10-18")]
    [InlineData("fr", "jusqu'au 17 octobre", "2026-10-15/2026-10-17")]
    [InlineData("es", "dos noches", "2026-10-15/2026-10-17")]
    [InlineData("pt", "duas noites", "2026-10-15/2026-10-17")]
    [InlineData("it", "due notti", "2026-10-15/2026-10-17")]
    [InlineData("nl", "tot maandag", "2026-10-15/2026-10-19")]
    public void A_span_whose_first_day_is_known_is_read_to_its_end(string language, string text, string expected)
    {
        var read = SlotReader.Read(new SlotOptions { Type = "date-range" }, text, new ReadingContext(language, _now, FirstDay: new DateOnly(2026, 10, 15)), asked: true);

        Assert.Equal(expected, read.Reading?.Value ?? (read.Problem is { } problem ? $"!{problem.Code} {problem.Limit}".TrimEnd() : ""));
    }

    [Theory]
    [InlineData("en", "four", "4")]
    [InlineData("en", "we are 4 people", "4")]
    [InlineData("en", "twenty-one", "21")]
    [InlineData("en", "two hundred and fifty", "250")]
    [InlineData("en", "1,250", "1250")]
    [InlineData("en", "12.5", "12.5")]
    [InlineData("en", "just me", "1")]
    [InlineData("en", "one", "1")]
    [InlineData("en", "a couple", "2")]
    [InlineData("en", "not 4, 5", "5")]
    [InlineData("en", "8pm", "-")]
    [InlineData("en", "-3", "-3")]
    [InlineData("de", "vier", "4")]
    [InlineData("de", "wir sind zu viert", "4")]
    [InlineData("de", "einundzwanzig", "21")]
    [InlineData("de", "1.250", "1250")]
    [InlineData("de", "12,5", "12.5")]
    [InlineData("de", "dreißig", "30")]
    [InlineData("fr", "quatre", "4")]
    [InlineData("fr", "vingt et un", "21")]
    [InlineData("fr", "soixante-quinze", "75")]
    [InlineData("fr", "quatre-vingt-dix-neuf", "99")]
    [InlineData("fr", "1 250", "1250")]
    [InlineData("es", "cuatro", "4")]
    [InlineData("es", "treinta y uno", "31")]
    [InlineData("es", "veintidós", "22")]
    [InlineData("pt", "quatro", "4")]
    [InlineData("pt", "vinte e duas", "22")]
    [InlineData("it", "quattro", "4")]
    [InlineData("it", "ventuno", "21")]
    [InlineData("it", "siamo in quattro", "4")]
    [InlineData("nl", "vier", "4")]
    [InlineData("nl", "tweeëntwintig", "22")]
    [InlineData("nl", "met z'n vieren", "4")]
    [InlineData("en", "2 adults and 1 child", "3")]
    [InlineData("en", "two adults, two kids and a baby", "5")]
    [InlineData("en", "2 adults for 3 nights", "2")]
    [InlineData("en", "4 people and a dog", "4")]
    [InlineData("de", "2 Erwachsene und 2 Kinder", "4")]
    [InlineData("fr", "deux adultes et un enfant", "3")]
    [InlineData("es", "2 adultos y 1 niña", "3")]
    [InlineData("pt", "dois adultos e uma criança", "3")]
    [InlineData("it", "due adulti e due bambini", "4")]
    [InlineData("nl", "2 volwassenen en 1 kind", "3")]
    [InlineData("sv", "4", "4")]
    public void A_number_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("number", language, text, asked: true));

    [Theory]
    [InlineData("en", "guests", "2 rooms for 4 people", "4")]
    [InlineData("en", "guests", "2 rooms for 2 adults and 1 child", "3")]
    [InlineData("en", "guests", "two rooms, four guests", "4")]
    [InlineData("en", "number_of_people", "3 tables for ten people", "10")]
    [InlineData("en", "rooms", "4 people in 2 rooms", "2")]
    [InlineData("en", "rooms", "4 people, two rooms", "2")]
    [InlineData("en", "seats", "we are 4 people", "4")]
    [InlineData("en", "guests", "not 4 guests, 5 guests", "5")]
    [InlineData("de", "guests", "2 Zimmer für 4 Personen", "4")]
    [InlineData("fr", "guests", "2 chambres pour 4 personnes", "4")]
    [InlineData("es", "guests", "2 habitaciones para 4 personas", "4")]
    [InlineData("sv", "guests", "4", "4")]
    public void Of_several_numbers_the_one_is_taken_that_counts_what_the_slot_is_called(string language, string name, string text, string expected) =>
        Assert.Equal(expected, SlotReader.Read(new SlotOptions { Type = "number" }, text, new ReadingContext(language, _now), asked: false, name).Reading?.Value);

    [Theory]
    [InlineData("en", "€12.50", "12.50 EUR")]
    [InlineData("en", "12 dollars", "12 USD")]
    [InlineData("en", "$1,299.99", "1299.99 USD")]
    [InlineData("en", "fifty pounds", "50 GBP")]
    [InlineData("en", "12", "12")]
    [InlineData("de", "12,50 €", "12.50 EUR")]
    [InlineData("de", "1.299,99 Euro", "1299.99 EUR")]
    [InlineData("de", "zwanzig Euro", "20 EUR")]
    [InlineData("fr", "12,50 euros", "12.50 EUR")]
    [InlineData("fr", "12 euros 50", "12.5 EUR")]
    [InlineData("es", "20 euros", "20 EUR")]
    [InlineData("pt", "R$ 50", "50 BRL")]
    [InlineData("it", "20 euro", "20 EUR")]
    [InlineData("nl", "€ 20", "20 EUR")]
    public void An_amount_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("money", language, text, asked: true));

    [Theory]
    [InlineData("priya@example.com", "priya@example.com")]
    [InlineData("It is Priya.Nair+shop@Example.COM.", "priya.nair+shop@example.com")]
    [InlineData("<priya@example.co.uk>", "priya@example.co.uk")]
    [InlineData("niamh.o'brien@example.ie", "niamh.o'brien@example.ie")]
    [InlineData("O’Brien@example.ie", "o'brien@example.ie")]
    [InlineData("it is 'priya@example.com'", "priya@example.com")]
    [InlineData("r&d@example.com", "r&d@example.com")]
    [InlineData("priya@example", "!not-an-email")]
    [InlineData("priya at example", "-")]
    public void An_address_is_read(string text, string expected) => Assert.Equal(expected, Read("email", "en", text, asked: true));

    [Theory]
    [InlineData("de", "0170 1234567", "+491701234567")]
    [InlineData("en-US", "(415) 555-2671", "+14155552671")]
    [InlineData("fr", "06 12 34 56 78", "+33612345678")]
    [InlineData("en", "+420 601 000 111", "+420601000111")]
    [InlineData("de", "12345", "!not-a-phone")]
    public void A_phone_number_is_read(string language, string text, string expected) => Assert.Equal(expected, Read("phone", language, text, asked: true));

    [Theory]
    [InlineData("10427", "10427")]
    [InlineData("order #10427!", "10427")]
    [InlineData("4929123412341234", "-")]
    [InlineData("no number here", "-")]
    public void A_pattern_is_read_and_never_a_part_of_a_longer_number(string text, string expected) =>
        Assert.Equal(expected, Read("pattern", "en", text, asked: true, s => s.Pattern = @"#?(?<value>\d{4,10})"));

    [Theory]
    [InlineData("the trail tent please", "tent")]
    [InlineData("Hiking Boots", "boots")]
    [InlineData("a tent or boots", "-")]
    [InlineData("not the tent, the boots", "boots")]
    [InlineData("something", "-")]
    public void A_choice_is_read_by_its_synonyms(string text, string expected) =>
        Assert.Equal(expected, Read("choice", "en", text, asked: true, s => s.Choices = new() { ["tent"] = ["trail tent"], ["boots"] = ["hiking boots"] }));

    [Fact]
    public void Relative_days_follow_the_persons_own_clock()
    {
        var lateInBerlin = new DateTimeOffset(2026, 10, 8, 23, 30, 0, TimeSpan.FromHours(2));
        var inTokyo = TimeZoneInfo.ConvertTime(lateInBerlin, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));
        var slot = new SlotOptions { Type = "date" };

        Assert.Equal("2026-10-09", SlotReader.Read(slot, "tomorrow", new ReadingContext("en", lateInBerlin), true).Reading!.Value);
        Assert.Equal("2026-10-10", SlotReader.Read(slot, "tomorrow", new ReadingContext("en", inTokyo), true).Reading!.Value);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    [InlineData("fr")]
    [InlineData("es")]
    [InlineData("pt")]
    [InlineData("it")]
    [InlineData("nl")]
    public void Every_day_of_a_year_is_read_back_as_the_language_writes_it(string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        for (var day = new DateOnly(2026, 10, 8); day < new DateOnly(2027, 10, 8); day = day.AddDays(1))
        {
            var pattern = language is "es" or "pt" ? "d 'de' MMMM 'de' yyyy" : language == "de" ? "d. MMMM yyyy" : "d MMMM yyyy";
            var text = day.ToString(pattern, culture);

            Assert.Equal($"{text} → {day:yyyy-MM-dd}", $"{text} → {Read("date", language, text, asked: false)}");
        }
    }

    [Theory]
    [InlineData("2026-11-05/2026-11-08", "2026-11-05/2026-11-08")]
    [InlineData("2026-11-08/2026-11-05", "!range-order")]
    [InlineData("2026-11-31/2026-12-02", "!no-such-date")]
    [InlineData("2026-11-05/2026-11-31", "!no-such-date")]
    [InlineData("2026-11-05/2029-11-08", "!range-too-long")]
    public void A_span_that_comes_in_one_piece_is_checked_like_one_in_words(string value, string expected)
    {
        var read = SlotReader.Accept(new SlotOptions { Type = "date-range" }, value, new ReadingContext("sv", _now));

        Assert.Equal(expected, read.Reading?.Value ?? "!" + read.Problem?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("🙂🙂🙂")]
    [InlineData("مرحبا كيف حالك")]
    [InlineData("9999999999999999999999999999999999")]
    [InlineData("31/31/31 99:99 32. Dezember")]
    [InlineData("- - / / : : . .")]
    [InlineData("１月５日")]
    [InlineData("１st ２４h")]
    [InlineData("1٣ ٣1 १२")]
    [InlineData("hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred")]
    [InlineData("hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert hundert")]
    public void Nonsense_never_breaks_a_reader(string text)
    {
        foreach (var type in new[] { "email", "phone", "pattern", "choice", "number", "money", "date", "time", "date-range" })
        {
            foreach (var language in new[] { "en", "de", "fr", "es", "pt", "it", "nl", "sv", "ar", "zh-Hans" })
            {
                var value = Read(type, language, text, asked: true, s => s.Pattern = "x+");
                Assert.True(value is "-" || value[0] == '!' || value.Length > 0);
            }
        }
    }
}
