using System.Collections.Concurrent;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>How a language writes numbers, days and times: data only.</summary>
internal sealed class Lexicon
{
    private static readonly ConcurrentDictionary<string, Lexicon> _made = new();

    /// <summary>Languages whose dates, times, numbers and amounts are read in words.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "de", "fr", "es", "pt", "it", "nl"];

    public required PhraseTable Numbers { get; init; }

    /// <summary>Words that are a number only where one is asked for: they are articles too.</summary>
    public required PhraseTable Articles { get; init; }

    /// <summary>Words before which an article is a number: "one person", "ein Gast".</summary>
    public required PhraseTable People { get; init; }

    /// <summary>Who may come along: "two adults and a child" are three.</summary>
    public required PhraseTable Children { get; init; }

    /// <summary>Phrases that stand for a number of people or things: "a couple", "zu zweit".</summary>
    public required PhraseTable Counts { get; init; }

    public required PhraseTable Hundreds { get; init; }

    /// <summary>1 is Monday.</summary>
    public required PhraseTable Weekdays { get; init; }

    /// <summary>Short or ambiguous names, only where a date is asked for or a modifier stands beside.</summary>
    public required PhraseTable ShortWeekdays { get; init; }

    public required PhraseTable Months { get; init; }

    /// <summary>Offset in days from today.</summary>
    public required PhraseTable Relative { get; init; }

    /// <summary>Before or after a weekday: 0 this, 1 the next such day, 2 in the week after, -1 the last such day.</summary>
    public required PhraseTable Modifiers { get; init; }

    /// <summary>"next week" and the like: offset in weeks.</summary>
    public required PhraseTable Weeks { get; init; }

    public required PhraseTable In { get; init; }

    public required PhraseTable AgoBefore { get; init; }

    public required PhraseTable AgoAfter { get; init; }

    /// <summary>1 day, 2 week, 3 month, 4 year, 5 hour, 6 minute.</summary>
    public required PhraseTable Units { get; init; }

    /// <summary>Between day and month, month and year.</summary>
    public required PhraseTable Joins { get; init; }

    /// <summary>What follows the day's number: "th", "er"; with it a number is a day by itself.</summary>
    public required PhraseTable OrdinalSuffix { get; init; }

    /// <summary>Ordinals in words, 1 to 31.</summary>
    public required PhraseTable Ordinals { get; init; }

    /// <summary>Before a number that is a day of the month by itself: "am", "le", "dia".</summary>
    public required PhraseTable DayMarkers { get; init; }

    public required PhraseTable TimeMarkers { get; init; }

    public required PhraseTable OClock { get; init; }

    /// <summary>1 a.m., 2 p.m.</summary>
    public required PhraseTable AmPm { get; init; }

    /// <summary>1 morning, 2 afternoon, 3 evening, 4 night.</summary>
    public required PhraseTable DayParts { get; init; }

    /// <summary>Hour of a named time.</summary>
    public required PhraseTable NamedTimes { get; init; }

    /// <summary>Before the hour: minutes to add (negative: before it). "half past" 30, "halb" -30, "quarter to" -15.</summary>
    public required PhraseTable MinutesBefore { get; init; }

    /// <summary>After the hour: minutes to add. "y media" 30, "moins le quart" -15.</summary>
    public required PhraseTable MinutesAfter { get; init; }

    public required PhraseTable From { get; init; }

    public required PhraseTable To { get; init; }

    public required PhraseTable Nights { get; init; }

    /// <summary>"this weekend" 0, "next weekend" 1.</summary>
    public required PhraseTable Weekends { get; init; }

    public required PhraseTable Not { get; init; }

    public required PhraseTable Currencies { get; init; }

    public char Group { get; init; }

    /// <summary>Whether people say "8" and mean 20:00 as easily as 08:00.</summary>
    public bool TwelveHours { get; init; }

    public static Lexicon? Of(string language)
    {
        var root = language.Split('-', '_')[0].ToLowerInvariant();
        return Languages.Contains(root) ? _made.GetOrAdd(root, Make) : null;
    }

    private static PhraseTable None { get; } = PhraseTable.Of("");

    private const string CommonCurrencies = "€=1|eur=1|euro=1|euros=1|$=2|usd=2|dollar=2|dollars=2|£=3|gbp=3|pound=3|pounds=3|chf=4|franken=4|inr=5|rupees=5|₹=5|jpy=6|¥=6|yen=6|brl=7|reais=7|real=7|r$=7";

    private static Lexicon Make(string language) => language switch
    {
        "en" => English(),
        "de" => German(),
        "fr" => French(),
        "es" => Spanish(),
        "pt" => Portuguese(),
        "it" => Italian(),
        _ => Dutch(),
    };

    private static PhraseTable Count(params string[] words)
    {
        var table = new PhraseTable();
        for (var i = 0; i < words.Length; i++)
        {
            foreach (var word in words[i].Split('/'))
            {
                table.Add(word, i);
            }
        }

        return table;
    }

    // ---- English -------------------------------------------------------------------------------------------------------------------

    private static Lexicon English()
    {
        string[] units = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
        string[] tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
        var numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : n < 20 ? units[n] : tens[(n / 10) - 2] + (n % 10 == 0 ? "" : "-" + units[n % 10]))]);
        return new Lexicon
        {
            Numbers = numbers,
            Articles = PhraseTable.Of("one=1|a=1|an=1"),
            People = PhraseTable.Of("person=0|people=0|guest=0|guests=0|adult=0|adults=0"),
            Children = PhraseTable.Of("child=0|children=0|kid=0|kids=0|baby=0|babies=0|toddler=0|toddlers=0|infant=0|infants=0|teenager=0|teenagers=0"),
            Counts = PhraseTable.Of("a couple of=2|a couple=2|a pair=2|a pair of=2|both of us=2|the two of us=2|two of us=2|three of us=3|four of us=4|five of us=5|six of us=6|just me=1|only me=1|just myself=1|by myself=1|me alone=1|half a dozen=6|a dozen=12"),
            Hundreds = PhraseTable.Of("hundred=100|thousand=1000"),
            Weekdays = PhraseTable.Rows("monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
            ShortWeekdays = PhraseTable.Rows("mon mondays|tue tues tuesdays|wed weds|thu thur thurs|fri fridays|sat saturdays|sun sundays"),
            Months = PhraseTable.Rows("january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|october oct|november nov|december dec"),
            Relative = PhraseTable.Of("today=0|tonight=0|this morning=0|this afternoon=0|this evening=0|tomorrow=1|tmrw=1|tomorow=1|tommorow=1|tommorrow=1|day after tomorrow=2|the day after tomorrow=2|yesterday=-1|day before yesterday=-2|the day before yesterday=-2|a week today=7|a week from today=7|a week from now=7|this day week=7|a week tomorrow=8|a week from tomorrow=8|a week ago=-7|a day ago=-1"),
            Modifiers = PhraseTable.Of("this=0|this coming=1|coming=1|the coming=1|next=2|last=-1|past=-1|next week=2|of next week=2|the following week=2|week=3"),
            Weeks = PhraseTable.Of("this week=0|next week=1|the following week=1|last week=-1"),
            In = PhraseTable.Of("in=0"),
            AgoBefore = None,
            AgoAfter = PhraseTable.Of("ago=0|back=0"),
            Units = PhraseTable.Rows("day days|week weeks|month months|year years|hour hours hrs hr|minute minutes mins min"),
            Joins = PhraseTable.Of("of=0"),
            OrdinalSuffix = PhraseTable.Of("st=0|nd=0|rd=0|th=0"),
            Ordinals = PhraseTable.Rows("first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty_first|twenty_second|twenty_third|twenty_fourth|twenty_fifth|twenty_sixth|twenty_seventh|twenty_eighth|twenty_ninth|thirtieth|thirty_first"),
            DayMarkers = None,
            TimeMarkers = PhraseTable.Of("at=0|by=0|around=0|about=0|from=0|until=0|till=0|at around=0|at about=0"),
            OClock = PhraseTable.Of("o clock=0|oclock=0|hrs=0|hours=0"),
            AmPm = PhraseTable.Of("am=1|a m=1|pm=2|p m=2"),
            DayParts = PhraseTable.Of("in the morning=1|this morning=1|tomorrow morning=1|morning=1|in the afternoon=2|this afternoon=2|tomorrow afternoon=2|afternoon=2|in the evening=3|this evening=3|tomorrow evening=3|tonight=3|evening=3|for dinner=3|at night=4"),
            NamedTimes = PhraseTable.Of("noon=12|midday=12|at noon=12|midnight=0"),
            MinutesBefore = PhraseTable.Of("half past=30|quarter past=15|a quarter past=15|quarter to=-15|a quarter to=-15|five past=5|ten past=10|twenty past=20|five to=-5|ten to=-10|twenty to=-20|half=30"),
            MinutesAfter = PhraseTable.Of("thirty=30|fifteen=15|forty five=45"),
            From = PhraseTable.Of("from=0|between=0|starting=0"),
            To = PhraseTable.Of("to=0|until=0|till=0|through=0|and=0|thru=0"),
            Nights = PhraseTable.Of("night=1|nights=1|day=1|days=1|week=7|weeks=7"),
            Weekends = PhraseTable.Of("this weekend=0|the weekend=0|at the weekend=0|on the weekend=0|weekend=0|next weekend=1"),
            Not = PhraseTable.Of("not=0|not on=0|not at=0|instead of=0|rather than=0|isnt=0|cant=0"),
            Currencies = PhraseTable.Of(CommonCurrencies + "|quid=3|bucks=2"),
            Group = ',',
            TwelveHours = true,
        };
    }

    // ---- German --------------------------------------------------------------------------------------------------------------------

    private static Lexicon German()
    {
        string[] units = ["null", "eins", "zwei/zwo", "drei", "vier", "fünf/fuenf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf/zwoelf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"];
        string[] tens = ["zwanzig", "dreißig/dreissig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
        string[] joined = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"];
        var numbers = Count([.. Enumerable.Range(0, 100).Select(n => n < 20 ? units[n] : string.Join('/', tens[(n / 10) - 2].Split('/').Select(t => n % 10 == 0 ? t : joined[n % 10] + "und" + t)))]);
        string[] ordinals = ["", "erst", "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt", "elft", "zwölft", "dreizehnt", "vierzehnt", "fünfzehnt", "sechzehnt", "siebzehnt", "achtzehnt", "neunzehnt"];
        var ordinalTable = new PhraseTable();
        for (var day = 1; day <= 31; day++)
        {
            var stem = day < 20 ? ordinals[day] : (day % 10 == 0 ? "" : joined[day % 10] + "und") + (day < 30 ? "zwanzigst" : "dreißigst");
            ordinalTable.Add(stem + "en", day);
            ordinalTable.Add(stem + "er", day);
            ordinalTable.Add(stem + "e", day);
        }

        return new Lexicon
        {
            Numbers = numbers,
            Articles = PhraseTable.Of("ein=1|eine=1|einen=1|einer=1|einem=1"),
            People = PhraseTable.Of("person=0|personen=0|gast=0|gäste=0|erwachsener=0|erwachsenen=0|erwachsene=0"),
            Children = PhraseTable.Of("kind=0|kinder=0|kindern=0|baby=0|babys=0|kleinkind=0|kleinkinder=0|jugendliche=0|jugendlicher=0"),
            Counts = PhraseTable.Of("zu zweit=2|zu dritt=3|zu viert=4|zu fünft=5|zu sechst=6|zu siebt=7|zu acht=8|nur ich=1|nur für mich=1|allein=1|alleine=1|ein paar=2|ein halbes dutzend=6|ein dutzend=12|beide=2|uns beide=2"),
            Hundreds = PhraseTable.Of("hundert=100|einhundert=100|zweihundert=200|dreihundert=300|vierhundert=400|fünfhundert=500|tausend=1000|eintausend=1000|zweitausend=2000"),
            Weekdays = PhraseTable.Rows("montag montags|dienstag|mittwoch|donnerstag|freitag|samstag sonnabend|sonntag"),
            ShortWeekdays = PhraseTable.Rows("mo|di|mi|do|fr|sa|so"),
            Months = PhraseTable.Rows("januar jan jänner|februar feb feber|märz mrz maerz|april apr|mai|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|dezember dez"),
            Relative = PhraseTable.Of("heute=0|heute abend=0|heute mittag=0|heute nachmittag=0|heute morgen=0|morgen=1|morgen früh=1|morgen abend=1|übermorgen=2|uebermorgen=2|gestern=-1|vorgestern=-2|heute in einer woche=7|in einer woche=7|vor einer woche=-7"),
            Modifiers = PhraseTable.Of("diesen=0|dieser=0|dieses=0|diese=0|kommenden=1|kommender=1|nächsten=1|naechsten=1|nächster=1|nächstes=1|letzten=-1|letzter=-1|vergangenen=-1|nächste woche=2|kommende woche=2|nächster woche=2|der nächsten woche=2|in einer woche=3"),
            Weeks = PhraseTable.Of("diese woche=0|nächste woche=1|kommende woche=1|letzte woche=-1"),
            In = PhraseTable.Of("in=0"),
            AgoBefore = PhraseTable.Of("vor=0"),
            AgoAfter = None,
            Units = PhraseTable.Rows("tag tage tagen|woche wochen|monat monate monaten|jahr jahre jahren|stunde stunden|minute minuten"),
            Joins = None,
            OrdinalSuffix = PhraseTable.Of("ten=0|te=0|ter=0"),
            Ordinals = ordinalTable,
            DayMarkers = PhraseTable.Of("am=0|den=0|dem=0"),
            TimeMarkers = PhraseTable.Of("um=0|gegen=0|ab=0|so um=0|so gegen=0|bis=0"),
            OClock = PhraseTable.Of("uhr=0|h=0"),
            AmPm = None,
            DayParts = PhraseTable.Of("morgens=1|früh=1|vormittags=1|am vormittag=1|am morgen=1|mittags=2|nachmittags=2|am nachmittag=2|heute nachmittag=2|abends=3|am abend=3|heute abend=3|morgen abend=3|nachts=4|in der nacht=4"),
            NamedTimes = PhraseTable.Of("mittag=12|zwölf uhr mittags=12|mitternacht=0"),
            MinutesBefore = PhraseTable.Of("halb=-30|viertel nach=15|viertel vor=-15|dreiviertel=-15|viertel=-45|fünf nach=5|zehn nach=10|zwanzig nach=20|fünf vor=-5|zehn vor=-10|zwanzig vor=-20|fünf vor halb=-35|fünf nach halb=-25"),
            MinutesAfter = None,
            From = PhraseTable.Of("von=0|vom=0|zwischen=0|ab=0"),
            To = PhraseTable.Of("bis=0|bis zum=0|und=0|bis am=0"),
            Nights = PhraseTable.Of("nacht=1|nächte=1|nächten=1|tag=1|tage=1|woche=7|wochen=7"),
            Weekends = PhraseTable.Of("dieses wochenende=0|am wochenende=0|das wochenende=0|übers wochenende=0|wochenende=0|nächstes wochenende=1|kommendes wochenende=0"),
            Not = PhraseTable.Of("nicht=0|nicht am=0|nicht um=0|statt=0|anstatt=0|statt am=0"),
            Currencies = PhraseTable.Of(CommonCurrencies),
            Group = '.',
        };
    }

    // ---- French --------------------------------------------------------------------------------------------------------------------

    private static Lexicon French()
    {
        string[] units = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"];
        string[] tens = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];
        string Word(int n)
        {
            if (n < 20)
            {
                return units[n];
            }

            var rest = n < 60 ? n % 10 : n < 80 ? n - 60 : n - 80;
            var head = tens[n / 10];
            return rest == 0 ? (n == 80 ? "quatre-vingts/quatre-vingt" : head)
                : rest is 1 or 11 && n < 80 ? $"{head} et {units[rest]}/{head}-{units[rest]}"
                : $"{head}-{units[rest]}";
        }

        return new Lexicon
        {
            Numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : Word(n))]),
            Articles = PhraseTable.Of("un=1|une=1"),
            People = PhraseTable.Of("personne=0|personnes=0|adulte=0|adultes=0"),
            Children = PhraseTable.Of("enfant=0|enfants=0|bébé=0|bébés=0|ado=0|ados=0|adolescent=0|adolescents=0"),
            Counts = PhraseTable.Of("à deux=2|tous les deux=2|à trois=3|à quatre=4|à cinq=5|à six=6|juste moi=1|moi seul=1|moi seule=1|tout seul=1|toute seule=1|une douzaine=12|une dizaine=10|une demi douzaine=6"),
            Hundreds = PhraseTable.Of("cent=100|cents=100|mille=1000"),
            Weekdays = PhraseTable.Rows("lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"),
            ShortWeekdays = PhraseTable.Rows("lun|mar|mer|jeu|ven|sam|dim"),
            Months = PhraseTable.Rows("janvier janv|février fev fevr|mars|avril avr|mai|juin|juillet juil|août aout|septembre sept|octobre oct|novembre nov|décembre dec"),
            Relative = PhraseTable.Of("aujourd hui=0|aujourdhui=0|ce soir=0|ce matin=0|cet après midi=0|demain=1|demain matin=1|demain soir=1|après demain=2|hier=-1|avant hier=-2|dans une semaine=7|dans huit jours=7|dans quinze jours=14|il y a une semaine=-7"),
            Modifiers = PhraseTable.Of("ce=0|cette=0|prochain=1|prochaine=1|dernier=-1|dernière=-1|qui vient=1|de la semaine prochaine=2|la semaine prochaine=2|en huit=3"),
            Weeks = PhraseTable.Of("cette semaine=0|la semaine prochaine=1|semaine prochaine=1|la semaine dernière=-1"),
            In = PhraseTable.Of("dans=0|d ici=0"),
            AgoBefore = PhraseTable.Of("il y a=0"),
            AgoAfter = None,
            Units = PhraseTable.Rows("jour jours|semaine semaines|mois|an ans année années|heure heures|minute minutes"),
            Joins = PhraseTable.Of("de=0"),
            OrdinalSuffix = PhraseTable.Of("er=0|e=0|eme=0"),
            Ordinals = PhraseTable.Of("premier=1"),
            DayMarkers = PhraseTable.Of("le=0"),
            TimeMarkers = PhraseTable.Of("à=0|vers=0|dès=0|à partir de=0|jusqu à=0"),
            OClock = PhraseTable.Of("h=0|heure=0|heures=0|hrs=0"),
            AmPm = None,
            DayParts = PhraseTable.Of("du matin=1|ce matin=1|le matin=1|demain matin=1|de l après midi=2|cet après midi=2|l après midi=2|du soir=3|ce soir=3|le soir=3|demain soir=3|de la nuit=4"),
            NamedTimes = PhraseTable.Of("midi=12|minuit=0|à midi=12"),
            MinutesBefore = None,
            MinutesAfter = PhraseTable.Of("et demie=30|et demi=30|et quart=15|moins le quart=-15|moins quart=-15|moins cinq=-5|moins dix=-10|moins vingt=-20"),
            From = PhraseTable.Of("du=0|de=0|entre le=0|entre=0|à partir du=0|dès le=0"),
            To = PhraseTable.Of("au=0|jusqu au=0|à=0|et le=0|et=0|jusqu à=0"),
            Nights = PhraseTable.Of("nuit=1|nuits=1|nuitée=1|nuitées=1|jour=1|jours=1|semaine=7|semaines=7"),
            Weekends = PhraseTable.Of("ce week end=0|ce weekend=0|le week end=0|week end=0|weekend=0|le week end prochain=1|week end prochain=1|weekend prochain=1"),
            Not = PhraseTable.Of("pas=0|pas le=0|pas à=0|au lieu de=0|au lieu du=0|plutôt que=0"),
            Currencies = PhraseTable.Of(CommonCurrencies + "|francs=4|franc=4|livres=3"),
            Group = '\u00A0',
        };
    }

    // ---- Spanish -------------------------------------------------------------------------------------------------------------------

    private static Lexicon Spanish()
    {
        string[] units = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno/veintiún", "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"];
        string[] tens = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
        return new Lexicon
        {
            Numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : n < 30 ? units[n] : tens[(n / 10) - 3] + (n % 10 == 0 ? "" : " y " + units[n % 10]))]),
            Articles = PhraseTable.Of("un=1|una=1|uno=1"),
            People = PhraseTable.Of("persona=0|personas=0|adulto=0|adultos=0"),
            Children = PhraseTable.Of("niño=0|niños=0|niña=0|niñas=0|bebé=0|bebés=0|menor=0|menores=0|adolescente=0|adolescentes=0"),
            Counts = PhraseTable.Of("los dos=2|nosotros dos=2|un par=2|un par de=2|solo yo=1|sólo yo=1|una docena=12|media docena=6"),
            Hundreds = PhraseTable.Of("cien=100|ciento=100|doscientos=200|trescientos=300|quinientos=500|mil=1000"),
            Weekdays = PhraseTable.Rows("lunes|martes|miércoles|jueves|viernes|sábado|domingo"),
            ShortWeekdays = PhraseTable.Rows("lun|mar|mie|jue|vie|sab|dom"),
            Months = PhraseTable.Rows("enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago|septiembre sep sept setiembre|octubre oct|noviembre nov|diciembre dic"),
            Relative = PhraseTable.Of("hoy=0|esta noche=0|esta tarde=0|mañana=1|mañana por la mañana=1|mañana por la tarde=1|mañana por la noche=1|pasado mañana=2|ayer=-1|anteayer=-2|antes de ayer=-2|dentro de una semana=7|en una semana=7|hace una semana=-7"),
            Modifiers = PhraseTable.Of("este=0|esta=0|próximo=1|el próximo=1|próxima=1|que viene=1|pasado=-1|último=-1|de la próxima semana=2|de la semana que viene=2|la semana que viene=2|la próxima semana=2"),
            Weeks = PhraseTable.Of("esta semana=0|la próxima semana=1|la semana que viene=1|próxima semana=1|la semana próxima=1|la semana pasada=-1"),
            In = PhraseTable.Of("en=0|dentro de=0"),
            AgoBefore = PhraseTable.Of("hace=0"),
            AgoAfter = PhraseTable.Of("atrás=0"),
            Units = PhraseTable.Rows("día días|semana semanas|mes meses|año años|hora horas|minuto minutos"),
            Joins = PhraseTable.Of("de=0|del=0"),
            OrdinalSuffix = None,
            Ordinals = PhraseTable.Of("primero=1"),
            DayMarkers = PhraseTable.Of("el día=0|día=0|el=0"),
            TimeMarkers = PhraseTable.Of("a las=0|a la=0|sobre las=0|hacia las=0|desde las=0|hasta las=0|las=0"),
            OClock = PhraseTable.Of("h=0|horas=0|hrs=0|en punto=0"),
            AmPm = PhraseTable.Of("am=1|a m=1|pm=2|p m=2"),
            DayParts = PhraseTable.Of("de la mañana=1|por la mañana=1|de la tarde=2|por la tarde=2|esta tarde=2|de la noche=3|por la noche=3|esta noche=3|de la madrugada=4"),
            NamedTimes = PhraseTable.Of("mediodía=12|medianoche=0|al mediodía=12"),
            MinutesBefore = None,
            MinutesAfter = PhraseTable.Of("y media=30|y cuarto=15|menos cuarto=-15|y diez=10|y veinte=20|menos diez=-10|menos veinte=-20|y cinco=5|menos cinco=-5"),
            From = PhraseTable.Of("del=0|de=0|desde el=0|desde=0|entre el=0|entre=0|a partir del=0"),
            To = PhraseTable.Of("al=0|hasta el=0|hasta=0|a=0|y el=0|y=0"),
            Nights = PhraseTable.Of("noche=1|noches=1|día=1|días=1|semana=7|semanas=7"),
            Weekends = PhraseTable.Of("este fin de semana=0|el fin de semana=0|fin de semana=0|el próximo fin de semana=1|próximo fin de semana=1|el fin de semana que viene=1"),
            Not = PhraseTable.Of("no el=0|no a=0|en vez de=0|en lugar de=0|en vez del=0"),
            Currencies = PhraseTable.Of(CommonCurrencies + "|dólares=2|libras=3"),
            Group = '.',
            TwelveHours = true,
        };
    }

    // ---- Portuguese ----------------------------------------------------------------------------------------------------------------

    private static Lexicon Portuguese()
    {
        string[] units = ["zero", "um", "dois/duas", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze", "treze", "catorze/quatorze", "quinze", "dezasseis/dezesseis", "dezassete/dezessete", "dezoito", "dezanove/dezenove"];
        string[] tens = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"];
        return new Lexicon
        {
            Numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : n < 20 ? units[n] : n % 10 == 0 ? tens[(n / 10) - 2] : string.Join('/', (n % 10 == 1 ? "um/uma" : units[n % 10]).Split('/').Select(u => $"{tens[(n / 10) - 2]} e {u}")))]),
            Articles = PhraseTable.Of("um=1|uma=1"),
            People = PhraseTable.Of("pessoa=0|pessoas=0|adulto=0|adultos=0"),
            Children = PhraseTable.Of("criança=0|crianças=0|bebê=0|bebês=0|bebé=0|bebés=0|adolescente=0|adolescentes=0"),
            Counts = PhraseTable.Of("nós dois=2|um casal=2|um par=2|só eu=1|apenas eu=1|uma dúzia=12|meia dúzia=6"),
            Hundreds = PhraseTable.Of("cem=100|cento=100|duzentos=200|trezentos=300|quinhentos=500|mil=1000"),
            Weekdays = PhraseTable.Rows("segunda_feira|terça_feira|quarta_feira|quinta_feira|sexta_feira|sábado|domingo"),
            ShortWeekdays = PhraseTable.Rows("segunda seg|terça ter|quarta qua|quinta qui|sexta sex|sab|dom"),
            Months = PhraseTable.Rows("janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|julho jul|agosto ago|setembro set|outubro out|novembro nov|dezembro dez"),
            Relative = PhraseTable.Of("hoje=0|hoje à noite=0|esta noite=0|esta tarde=0|amanhã=1|amanhã de manhã=1|amanhã à noite=1|depois de amanhã=2|ontem=-1|anteontem=-2|daqui a uma semana=7|em uma semana=7|há uma semana=-7"),
            Modifiers = PhraseTable.Of("este=0|esta=0|nesta=0|neste=0|próximo=1|próxima=1|na próxima=1|no próximo=1|que vem=1|passado=-1|passada=-1|da próxima semana=2|da semana que vem=2|na próxima semana=2|na=1|à=1"),
            Weeks = PhraseTable.Of("esta semana=0|próxima semana=1|na próxima semana=1|semana que vem=1|semana passada=-1"),
            In = PhraseTable.Of("em=0|daqui a=0|dentro de=0"),
            AgoBefore = PhraseTable.Of("há=0|faz=0"),
            AgoAfter = PhraseTable.Of("atrás=0"),
            Units = PhraseTable.Rows("dia dias|semana semanas|mês meses|ano anos|hora horas|minuto minutos"),
            Joins = PhraseTable.Of("de=0|do=0"),
            OrdinalSuffix = PhraseTable.Of("o=0|º=0"),
            Ordinals = PhraseTable.Of("primeiro=1"),
            DayMarkers = PhraseTable.Of("dia=0|no dia=0"),
            TimeMarkers = PhraseTable.Of("às=0|as=0|à=0|por volta das=0|a partir das=0|até às=0|lá pelas=0|das=0"),
            OClock = PhraseTable.Of("h=0|hora=0|horas=0|hrs=0"),
            AmPm = PhraseTable.Of("am=1|pm=2"),
            DayParts = PhraseTable.Of("da manhã=1|de manhã=1|pela manhã=1|da tarde=2|à tarde=2|esta tarde=2|da noite=3|à noite=3|esta noite=3|hoje à noite=3|da madrugada=4"),
            NamedTimes = PhraseTable.Of("meio dia=12|ao meio dia=12|meia noite=0"),
            MinutesBefore = None,
            MinutesAfter = PhraseTable.Of("e meia=30|e quinze=15|e um quarto=15|menos um quarto=-15|e dez=10|e vinte=20|e quarenta e cinco=45"),
            From = PhraseTable.Of("de=0|do dia=0|do=0|desde=0|entre=0|a partir de=0|entre os dias=0"),
            To = PhraseTable.Of("a=0|até=0|ao dia=0|ao=0|até ao=0|até o=0|e=0"),
            Nights = PhraseTable.Of("noite=1|noites=1|dia=1|dias=1|diária=1|diárias=1|semana=7|semanas=7"),
            Weekends = PhraseTable.Of("este fim de semana=0|neste fim de semana=0|no fim de semana=0|fim de semana=0|próximo fim de semana=1|no próximo fim de semana=1|fim de semana que vem=1"),
            Not = PhraseTable.Of("não=0|não na=0|não às=0|em vez de=0|ao invés de=0"),
            Currencies = PhraseTable.Of(CommonCurrencies + "|dólares=2|libras=3"),
            Group = '.',
        };
    }

    // ---- Italian -------------------------------------------------------------------------------------------------------------------

    private static Lexicon Italian()
    {
        string[] units = ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici", "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove"];
        string[] tens = ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"];
        string Word(int n)
        {
            if (n < 20)
            {
                return units[n];
            }

            var head = tens[(n / 10) - 2];
            return n % 10 == 0 ? head : (n % 10 is 1 or 8 ? head[..^1] : head) + (n % 10 == 3 ? "tré" : units[n % 10]);
        }

        return new Lexicon
        {
            Numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : Word(n))]),
            Articles = PhraseTable.Of("un=1|una=1|uno=1"),
            People = PhraseTable.Of("persona=0|persone=0|adulto=0|adulti=0"),
            Children = PhraseTable.Of("bambino=0|bambina=0|bambini=0|bambine=0|neonato=0|neonati=0|ragazzo=0|ragazzi=0"),
            Counts = PhraseTable.Of("noi due=2|in due=2|in tre=3|in quattro=4|in cinque=5|in sei=6|un paio=2|un paio di=2|solo io=1|soltanto io=1|da solo=1|da sola=1|una dozzina=12|mezza dozzina=6"),
            Hundreds = PhraseTable.Of("cento=100|duecento=200|trecento=300|cinquecento=500|mille=1000|duemila=2000"),
            Weekdays = PhraseTable.Rows("lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"),
            ShortWeekdays = PhraseTable.Rows("lun|mar|mer|gio|ven|sab|dom"),
            Months = PhraseTable.Rows("gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|luglio lug|agosto ago|settembre set sett|ottobre ott|novembre nov|dicembre dic"),
            Relative = PhraseTable.Of("oggi=0|stasera=0|stamattina=0|questa sera=0|oggi pomeriggio=0|domani=1|domani sera=1|domani mattina=1|dopodomani=2|dopo domani=2|ieri=-1|l altro ieri=-2|altro ieri=-2|tra una settimana=7|fra una settimana=7|una settimana fa=-7"),
            Modifiers = PhraseTable.Of("questo=0|questa=0|prossimo=1|prossima=1|il prossimo=1|la prossima=1|che viene=1|scorso=-1|scorsa=-1|della prossima settimana=2|della settimana prossima=2|la prossima settimana=2|la settimana prossima=2"),
            Weeks = PhraseTable.Of("questa settimana=0|la prossima settimana=1|prossima settimana=1|la settimana prossima=1|settimana prossima=1|la settimana scorsa=-1"),
            In = PhraseTable.Of("tra=0|fra=0|in=0"),
            AgoBefore = None,
            AgoAfter = PhraseTable.Of("fa=0"),
            Units = PhraseTable.Rows("giorno giorni|settimana settimane|mese mesi|anno anni|ora ore|minuto minuti"),
            Joins = PhraseTable.Of("di=0|del=0"),
            OrdinalSuffix = None,
            Ordinals = PhraseTable.Of("primo=1"),
            DayMarkers = PhraseTable.Of("il=0|il giorno=0|giorno=0|l=0"),
            TimeMarkers = PhraseTable.Of("alle=0|all=0|ore=0|alle ore=0|verso le=0|dalle=0|per le=0|intorno alle=0|fino alle=0|le=0"),
            OClock = PhraseTable.Of("h=0|ore=0|in punto=0"),
            AmPm = None,
            DayParts = PhraseTable.Of("di mattina=1|del mattino=1|mattina=1|stamattina=1|del pomeriggio=2|di pomeriggio=2|pomeriggio=2|di sera=3|della sera=3|stasera=3|questa sera=3|sera=3|di notte=4"),
            NamedTimes = PhraseTable.Of("mezzogiorno=12|a mezzogiorno=12|mezzanotte=0"),
            MinutesBefore = None,
            MinutesAfter = PhraseTable.Of("e mezza=30|e mezzo=30|e un quarto=15|e quarto=15|meno un quarto=-15|meno dieci=-10|e dieci=10|e venti=20|e trenta=30|e tre quarti=45"),
            From = PhraseTable.Of("dal=0|da=0|dall=0|tra il=0|fra il=0|tra=0"),
            To = PhraseTable.Of("al=0|all=0|fino al=0|fino a=0|a=0|e il=0|e=0"),
            Nights = PhraseTable.Of("notte=1|notti=1|giorno=1|giorni=1|settimana=7|settimane=7"),
            Weekends = PhraseTable.Of("questo fine settimana=0|questo weekend=0|nel weekend=0|il weekend=0|fine settimana=0|weekend=0|il prossimo weekend=1|prossimo weekend=1|il prossimo fine settimana=1|prossimo fine settimana=1"),
            Not = PhraseTable.Of("non=0|non il=0|non alle=0|invece di=0|anziché=0|invece che=0"),
            Currencies = PhraseTable.Of(CommonCurrencies + "|dollari=2|sterline=3|franchi=4"),
            Group = '.',
        };
    }

    // ---- Dutch ---------------------------------------------------------------------------------------------------------------------

    private static Lexicon Dutch()
    {
        string[] units = ["nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"];
        string[] tens = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"];
        string[] joined = ["", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"];
        return new Lexicon
        {
            Numbers = Count([.. Enumerable.Range(0, 100).Select(n => n == 1 ? "" : n < 20 ? units[n] : n % 10 == 0 ? tens[(n / 10) - 2] : joined[n % 10] + (n % 10 is 2 or 3 ? "ën" : "en") + tens[(n / 10) - 2])]),
            Articles = PhraseTable.Of("een=1"),
            People = PhraseTable.Of("persoon=0|personen=0|volwassene=0|volwassenen=0"),
            Children = PhraseTable.Of("kind=0|kinderen=0|baby=0|babys=0|peuter=0|peuters=0|tiener=0|tieners=0"),
            Counts = PhraseTable.Of("met z n tweeën=2|met zijn tweeën=2|met z n drieën=3|met zijn drieën=3|met z n vieren=4|met zijn vieren=4|met z n vijven=5|met zijn vijven=5|met z n zessen=6|alleen ik=1|ik alleen=1|een paar=2|een dozijn=12|allebei=2|wij tweeën=2"),
            Hundreds = PhraseTable.Of("honderd=100|tweehonderd=200|driehonderd=300|vijfhonderd=500|duizend=1000"),
            Weekdays = PhraseTable.Rows("maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"),
            ShortWeekdays = PhraseTable.Rows("ma|di|wo|do|vr|za|zo"),
            Months = PhraseTable.Rows("januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug|september sep sept|oktober okt|november nov|december dec"),
            Relative = PhraseTable.Of("vandaag=0|vanavond=0|vanmiddag=0|vanochtend=0|morgen=1|morgenavond=1|morgenochtend=1|morgenmiddag=1|overmorgen=2|gisteren=-1|eergisteren=-2|over een week=7|vandaag over een week=7|een week geleden=-7"),
            Modifiers = PhraseTable.Of("deze=0|dit=0|aanstaande=1|komende=1|aankomende=1|volgende=2|afgelopen=-1|vorige=-1|volgende week=2|over een week=3"),
            Weeks = PhraseTable.Of("deze week=0|volgende week=1|komende week=1|vorige week=-1"),
            In = PhraseTable.Of("over=0"),
            AgoBefore = None,
            AgoAfter = PhraseTable.Of("geleden=0"),
            Units = PhraseTable.Rows("dag dagen|week weken|maand maanden|jaar jaren|uur uren|minuut minuten"),
            Joins = None,
            OrdinalSuffix = PhraseTable.Of("e=0|de=0|ste=0"),
            Ordinals = PhraseTable.Of("eerste=1"),
            DayMarkers = PhraseTable.Of("op de=0|de=0"),
            TimeMarkers = PhraseTable.Of("om=0|rond=0|tegen=0|vanaf=0|om ongeveer=0|tot=0"),
            OClock = PhraseTable.Of("uur=0|u=0|h=0"),
            AmPm = None,
            DayParts = PhraseTable.Of("s ochtends=1|s morgens=1|in de ochtend=1|vanochtend=1|morgenochtend=1|s middags=2|in de middag=2|vanmiddag=2|morgenmiddag=2|s avonds=3|in de avond=3|vanavond=3|morgenavond=3|s nachts=4"),
            NamedTimes = PhraseTable.Of("middernacht=0|twaalf uur s middags=12"),
            MinutesBefore = PhraseTable.Of("half=-30|kwart over=15|kwart voor=-15|vijf over=5|tien over=10|vijf voor=-5|tien voor=-10|vijf voor half=-35|vijf over half=-25|tien voor half=-40|tien over half=-20"),
            MinutesAfter = None,
            From = PhraseTable.Of("van=0|vanaf=0|tussen=0"),
            To = PhraseTable.Of("tot=0|tot en met=0|t m=0|en=0"),
            Nights = PhraseTable.Of("nacht=1|nachten=1|dag=1|dagen=1|week=7|weken=7"),
            Weekends = PhraseTable.Of("dit weekend=0|in het weekend=0|het weekend=0|komend weekend=0|aanstaand weekend=0|weekend=0|volgend weekend=1"),
            Not = PhraseTable.Of("niet=0|niet op=0|niet om=0|in plaats van=0|ipv=0"),
            Currencies = PhraseTable.Of(CommonCurrencies),
            Group = '.',
        };
    }
}
