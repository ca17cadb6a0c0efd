using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace IntentRouter.Dialogue;

/// <summary>
/// Tells in which of a few languages a short message is written, by the small words that every sentence needs, by words that people
/// write to a shop or a hotel, and by the script. Says nothing when it is
/// not sure: "ok" and an order number are written in no language.
/// </summary>
internal static class LanguageDetector
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> _smallWords = new Dictionary<string, string>
    {
        ["en"] = "the a an is are was were be been i you he she it we they my your his her our their me him us them this that these those of to in on at for with from by and or but not no do does did have has had will would can could should what when where who why how which please there here about it's i'm i'd don't want need like get any some still yet already there's let",
        ["de"] = "der die das ein eine einen einem einer ist sind war waren bin ich du er sie es wir ihr mein meine meinen meiner dein deine ihre ihren unser mich mir dich uns euch dieser diese dieses von zu zum zur im am an auf für mit aus bei und oder aber nicht kein keine keinen ja nein habe haben hat hatte wird werden würde kann können könnte soll möchte will was wann wo wer warum wie welche bitte noch schon doch auch nur sehr gerne da hier nach über den dem des",
        ["fr"] = "le la les l un une des est sont était suis je tu il elle on nous vous ils elles mon ma mes ton ta tes son sa ses notre votre vos moi toi lui leur ce cet cette ces de du au aux à en dans sur pour avec par et ou mais ne pas non oui ai as a avons avez ont avoir être quand où qui que quoi pourquoi comment quel quelle combien voudrais veux peux pouvez peut plaît merci bonjour encore déjà aussi très chez c j d n s qu",
        ["es"] = "el la los las un una unos unas es son era soy estoy está están yo tú él ella nosotros ustedes mi mis tu tus su sus nuestro me te se nos le les lo este esta estos esa ese de del al a en por para con y o pero no sí he ha han hay tengo tiene tienen quiero quisiera puedo puede cuándo dónde quién qué por cómo cuál cuánto favor gracias hola todavía ya también muy donde cuando como que",
        ["pt"] = "o a os as um uma uns umas é são era sou estou está estão eu tu ele ela nós vocês você meu minha meus minhas seu sua seus nosso me te se nos lhe este esta esse essa isto isso de do da dos das ao à no na nos nas em por para com e ou mas não sim tenho tem têm quero queria posso pode quando onde quem que como qual quanto favor obrigado obrigada olá ainda já também muito foi fazer uma",
        ["it"] = "il lo la i gli le un uno una è sono era io tu lui lei noi voi loro mio mia miei mie tuo tua suo sua nostro mi ti si ci vi questo questa questi quello di del della dei delle al alla a da dal in nel nella su sul per con e o ma non sì ho ha hanno abbiamo vorrei voglio posso può quando dove chi che cosa perché come quale quanto favore grazie ciao buongiorno ancora già anche molto c dov l",
        ["nl"] = "de het een is zijn was waren ben ik jij je hij zij ze wij we jullie mijn jouw uw haar ons onze mij jou hem dit dat deze die van naar in op aan voor met uit bij en of maar niet geen ja nee heb hebt heeft hebben had wordt worden zou kan kunt kunnen moet wil graag wat wanneer waar wie waarom hoe welke alstublieft alsjeblieft nog al ook er hier over om te",
        ["sv"] = "en ett den det är var jag du han hon vi ni de min mitt mina din ditt er vår mig dig oss den här denna av till i på för med från och eller men inte nej ja har hade kommer ska skulle kan kunde vill vad när var vem varför hur vilken snälla tack hej än också mycket att som om",
        ["da"] = "en et den det er var jeg du han hun vi i de min mit mine din dit jeres vores mig dig os denne dette af til på for med fra og eller men ikke nej ja har havde kommer skal skulle kan kunne vil hvad hvornår hvor hvem hvorfor hvordan hvilken venligst tak hej endnu også meget at som om",
        ["nb"] = "en et den det er var jeg du han hun vi dere de min mitt mine din ditt deres vår meg deg oss denne dette av til på for med fra og eller men ikke nei ja har hadde kommer skal skulle kan kunne vil hva når hvor hvem hvorfor hvordan hvilken vennligst takk hei ennå også veldig å som om",
        ["pl"] = "i w z na do się nie tak to jest są był była jestem ja ty on ona my wy oni mój moja moje twój jego jej nasz mi mnie ci cię go nas was ten ta te tego dla od po o u przez ale lub albo czy mam ma mają chcę chciałbym chciałabym mogę może kiedy gdzie kto co dlaczego jak który która ile proszę dziękuję dzień dobry jeszcze już też bardzo że",
        ["cs"] = "a v z na do se si ne ano to je jsou byl byla jsem já ty on ona my vy oni můj moje moji tvůj jeho její náš mi mě ti tě ho nás vás ten ta pro od po o u ale nebo mám má mají chci chtěl chtěla mohu může kdy kde kdo co proč jak který která kolik prosím děkuji dobrý den ještě už také velmi že",
        ["ro"] = "un o este sunt era eu tu el ea noi voi ei mea meu mele tău ta lui îmi mă te se ne vă acest această de la în pe pentru cu din și sau dar nu da am ai are au avem vreau aș vrea pot poate când unde cine ce cum care cât vă rog mulțumesc bună încă deja foarte că să",
        ["tr"] = "bir bu şu o ve veya ama ile için de da mi mı mu mü ben sen biz siz onlar benim senin bizim sizin bana sana ne zaman nerede kim neden nasıl hangi kaç var yok evet hayır değil istiyorum istiyoruz lütfen teşekkürler merhaba henüz daha çok gibi olan olarak",
        ["fi"] = "on ovat oli olen minä sinä hän me te he minun sinun meidän teidän minut minulla sinulla tämä se nämä ja tai mutta ei kyllä että kun jos en et voi voin voisin haluan haluaisin missä milloin kuka mikä mitä miksi miten kuinka kiitos hei vielä jo myös paljon ole",
        ["hu"] = "a az egy és vagy de nem igen van vannak volt vagyok én te ő mi ti ők az ez ezt azt nekem engem hogy ha mikor hol ki mi miért hogyan melyik mennyi kérem köszönöm szia jó napot még már is nagyon szeretnék szeretném tudok lehet a",
    }.ToFrozenDictionary(l => l.Key, l => l.Value.Split(' ').Select(Plain).ToFrozenSet());

    // Words of orders and bookings, days and greetings: who writes "Bestellung stornieren" needs no small word. One of these counts for two.
    private static readonly FrozenDictionary<string, FrozenSet<string>> _tellingWords = new Dictionary<string, string>
    {
        ["en"] = "order orders booking bookings cancel refund delivery delivered parcel shipping invoice receipt room rooms breakfast opening hours tonight tomorrow yesterday today someone english monday tuesday wednesday thursday friday saturday sunday",
        ["de"] = "bestellung bestellungen bestellt bestellnummer stornieren storniert storno rechnung lieferung geliefert paket rücksendung zurückschicken erstattung buchung gebucht buchen umbuchen zimmer doppelzimmer einzelzimmer frühstück parkplatz mitarbeiter öffnungszeiten geöffnet guten hallo danke vielen tschüss morgen heute übermorgen gestern montag dienstag mittwoch donnerstag freitag samstag sonntag nächste nächsten woche deutsch hilfe",
        ["fr"] = "commande commandes annuler remboursement livraison colis facture chambre chambres déjeuner horaires bonsoir demain aujourd lundi mardi mercredi jeudi vendredi samedi dimanche français conseiller semaine",
        ["es"] = "pedido pedidos cancelar reembolso factura entrega paquete habitación habitaciones desayuno horario mañana ayer lunes martes miércoles jueves viernes sábado domingo español ayuda buenos buenas reserva semana",
        ["pt"] = "encomenda encomendas pedido pedidos cancelar reembolso fatura entrega quartos almoço amanhã ontem hoje terça sexta sábado domingo bom boa português ajuda atendente reserva semana",
        ["it"] = "ordine ordini annullare rimborso fattura consegna pacco camere colazione orari domani ieri oggi lunedì martedì mercoledì giovedì venerdì sabato domenica italiano aiuto prenotazione buonasera operatore settimana",
        ["nl"] = "bestelling bestellingen annuleren terugbetaling factuur levering pakket kamer kamers ontbijt openingstijden hallo morgen vandaag gisteren overmorgen maandag dinsdag woensdag donderdag vrijdag zaterdag zondag nederlands hulp medewerker goedemorgen goedemiddag boeking",
    }.ToFrozenDictionary(l => l.Key, l => l.Value.Split(' ').Select(Plain).ToFrozenSet());

    private static readonly (string Language, char From, char To)[] _scripts =
    [
        ("el", '\u0370', '\u03FF'), ("ru", '\u0400', '\u04FF'), ("he", '\u0590', '\u05FF'), ("ar", '\u0600', '\u06FF'), ("hi", '\u0900', '\u097F'), ("bn", '\u0980', '\u09FF'),
        ("ta", '\u0B80', '\u0BFF'), ("te", '\u0C00', '\u0C7F'), ("th", '\u0E00', '\u0E7F'), ("ka", '\u10A0', '\u10FF'), ("ja", '\u3040', '\u30FF'), ("ko", '\uAC00', '\uD7AF'), ("zh", '\u4E00', '\u9FFF'),
    ];

    // Written in the same script, so that the script alone cannot tell them apart.
    private static readonly FrozenDictionary<string, string[]> _sameScript = new Dictionary<string, string[]>
    {
        ["ru"] = ["uk", "bg", "sr", "mk", "be", "kk"],
        ["ar"] = ["fa", "ur"],
        ["hi"] = ["mr", "ne"],
    }.ToFrozenDictionary();

    /// <summary>One of <paramref name="among"/>, or null when the words do not tell.</summary>
    public static string? Detect(string text, IReadOnlyList<string> among)
    {
        text = text.Length > 1_000 ? text[..1_000] : text;
        if (ByScript(text, among) is var (scripted, decided) && decided)
        {
            return scripted;
        }

        var words = Split(text);
        var scores = among.DistinctBy(Root, StringComparer.OrdinalIgnoreCase)
            .Select(l => (Language: l, Score: Count(_smallWords, l, words) + (2 * Count(_tellingWords, l, words))))
            .OrderByDescending(s => s.Score).ToList();
        // Two small words or one that tells, and clearly more than any other language has of them.
        return scores is [(var best, >= 2) first, ..] && (scores.Count == 1 || first.Score >= scores[1].Score + 2 || (first.Score >= 2 && scores[1].Score == 0)) ? best : null;
    }

    private static int Count(FrozenDictionary<string, FrozenSet<string>> table, string language, List<string> words) =>
        table.TryGetValue(Root(language), out var known) ? words.Count(known.Contains) : 0;

    private static (string? Language, bool Decided) ByScript(string text, IReadOnlyList<string> among)
    {
        var letters = text.Count(char.IsLetter);
        if (letters < 2)
        {
            return (null, true);
        }

        foreach (var (language, from, to) in _scripts)
        {
            if (text.Count(c => c >= from && c <= to) * 2 <= letters)
            {
                continue;
            }

            var candidates = among.Where(l => Root(l) == language || (_sameScript.TryGetValue(language, out var others) && others.Contains(Root(l)))).ToList();
            return (candidates is [var only] ? only : null, true);
        }

        return (null, false);
    }

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text + " ")
        {
            if (char.IsLetter(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (word.Length > 0)
            {
                words.Add(Plain(word.ToString()));
                word.Clear();
            }
        }

        return words;
    }

    // Marks are often left out in a chat.
    private static string Plain(string word)
    {
        var builder = new StringBuilder(word.Length);
        foreach (var c in word.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                builder.Append(c);
            }
        }

        return builder.ToString();
    }

    private static string Root(string tag) => tag.Split('-', '_')[0].ToLowerInvariant();
}
