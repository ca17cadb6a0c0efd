using System.Collections.Frozen;
using System.Text;

namespace IntentRouter.Dialogue;

/// <summary>
/// The few things that must be understood without any engine, per language: yes, no, never mind, a person please. A safety net: short and
/// unmistakable wordings only; everything else is the engines' business.
/// </summary>
internal static class Phrases
{
    // In normalized words (Words.Normalize), a line per language. They hold in every language: who writes German to an English bot must reach a person, too.
    private static readonly FrozenSet<string> _yes = Set(
        "yes|y|yeah|yep|yup|sure|ok|okay|correct|right|that is right|thats right|that is correct|thats correct|confirm|confirmed|please do|go ahead|yes please|do it|book it|sounds good|of course|absolutely|perfect|great|fine|yes thats right|yes that is right|yes go ahead|yes book it|yes do it|yes correct|yea|ya|yah|yas|aye|sure thing|for sure|k|kk|okey|alright|all right|why not|no problem|no worries|good|very good|thats fine|that is fine|thats good|that is good|that works|works for me|lets do it|lets do that|do that|go for it|definitely|certainly|indeed|agreed|i agree|i confirm|exactly|yes i do|yes i am|yes i would|yes we do|that would be great|that would be lovely|sounds great|lovely|excellent|awesome|cool|proceed",
        "ja|jo|jawohl|ja bitte|genau|richtig|stimmt|korrekt|passt|okay|ok|gerne|gern|ja gerne|ja gern|in ordnung|einverstanden|klar|bestatigen|bestatigt|ja genau|ja stimmt|ja passt|mach das|machen sie das|jap|jep|joa|gut|super|prima|perfekt|los gehts|absolut|unbedingt|auf jeden fall|naturlich|selbstverstandlich|sicher|machen wir so|so machen wir das|ja mach das|ja machen sie das",
        "oui|ouais|d accord|daccord|exact|exactement|correct|c est bon|cest bon|c est ca|cest ca|ok|okay|bien sur|volontiers|je confirme|confirmer|oui merci|oui s il vous plait|oui sil vous plait|parfait|allez y|vas y|bien|tres bien|absolument|tout a fait|ca marche|ca va|ca me va|entendu|evidemment|faites le|fais le",
        "si|vale|claro|correcto|exacto|ok|okay|de acuerdo|por supuesto|confirmo|confirmar|confirmado|si por favor|si claro|perfecto|adelante|asi es|esta bien|bien|muy bien|bueno|dale|sip|seguro|exactamente|hazlo|hagalo|venga|genial|claro que si",
        "sim|claro|certo|correto|exato|exatamente|ok|okay|pode|pode ser|isso|isso mesmo|confirmo|confirmar|sim por favor|com certeza|perfeito|esta bem|ta bom|tudo bem|pode fazer|beleza|bom|otimo|isso ai|claro que sim|confirma|faz isso|pode sim|ta|ta certo|tudo certo|esta certo|avancar|avance",
        "si|certo|esatto|corretto|giusto|ok|okay|va bene|d accordo|daccordo|confermo|conferma|confermare|si grazie|si per favore|perfetto|certamente|esattamente|procedi|proceda|bene|va benissimo|benissimo|ottimo|assolutamente si|certo che si|volentieri|facciamo cosi|faccia pure",
        "ja|jawel|jazeker|ja graag|graag|klopt|dat klopt|juist|correct|precies|ok|okay|oke|akkoord|prima|goed|bevestigen|ik bevestig|zeker|doe maar|ja hoor|ja klopt|jep|top|in orde|natuurlijk|uitstekend|perfect|is goed|dat is goed|doe dat maar|zeker weten|absoluut");

    private static readonly FrozenSet<string> _no = Set(
        "no|n|nope|nah|no thanks|no thank you|not really|wrong|thats wrong|that is wrong|not correct|incorrect|not right|dont|do not|please dont|no dont|no way|no that is wrong|no thats wrong|naw|never|rather not|i would rather not|id rather not|better not|not now|not yet|not today|not anymore|not ok|not okay|not good|not that|thanks but no thanks|thanks but no",
        "nein|ne|nee|no|nein danke|falsch|das ist falsch|stimmt nicht|das stimmt nicht|nicht richtig|lieber nicht|auf keinen fall|bitte nicht|noch nicht|jetzt nicht|nicht jetzt|niemals|auf gar keinen fall|bloss nicht|nope",
        "non|nan|non merci|pas du tout|faux|c est faux|cest faux|incorrect|pas correct|surtout pas|ce n est pas ca|ce nest pas ca|pas maintenant|pas encore|jamais",
        "no|no gracias|para nada|incorrecto|mal|esta mal|no es correcto|de ninguna manera|mejor no|ahora no|todavia no|aun no|nunca|que no|no quiero",
        "nao|nao obrigado|nao obrigada|de jeito nenhum|errado|esta errado|incorreto|melhor nao|nao esta certo|agora nao|ainda nao|nunca|nao quero",
        "no|no grazie|per niente|sbagliato|non e corretto|scorretto|errato|meglio di no|assolutamente no|non ora|non adesso|non ancora|mai|non voglio",
        "nee|neen|nee bedankt|nee dank je|nee dank u|fout|dat is fout|klopt niet|dat klopt niet|onjuist|liever niet|zeker niet|nu niet|nog niet|nooit|niet nu|doe maar niet|toch maar niet");

    private static readonly FrozenSet<string> _cancel = Set(
        "never mind|nevermind|cancel|cancel that|cancel this|cancel it|stop|stop it|stop this|forget it|forget about it|forget that|leave it|abort|quit|exit|no never mind|no forget it|no cancel|sorry never mind|ok never mind|oh never mind|never mind thanks|never mind thank you|actually never mind|i changed my mind|start over|lets stop|nvm|nm|dont bother|do not bother|doesnt matter|it doesnt matter|does not matter|it does not matter|no matter|drop it|scrap that|scrap it|changed my mind|i have changed my mind|ive changed my mind|let it be|not interested|no longer needed|i dont want this anymore|i dont want it anymore|i dont want that anymore|i do not want this anymore|i do not want it anymore",
        "egal|ist egal|schon gut|vergiss es|vergessen sie es|abbrechen|abbruch|stopp|stop|lass es|lassen sie es|lass gut sein|doch nicht|nicht mehr notig|hat sich erledigt|schon erledigt|ach egal|nein abbrechen|nein egal|bitte abbrechen|ich habe es mir anders uberlegt|zuruck|vergiss das|vergessen sie das|lassen wir das|lass mal|schon okay|ist schon gut|ich will nicht mehr|will nicht mehr|brauche ich nicht mehr|nicht so wichtig|lieber doch nicht|dann nicht|dann eben nicht",
        "laisse tomber|laissez tomber|peu importe|annuler|annule|annulez|stop|arrete|arretez|oublie|oubliez|oublie ca|oubliez ca|tant pis|non laissez tomber|non laisse tomber|j ai change d avis|jai change davis|rien merci|pas grave|c est pas grave|cest pas grave|pas la peine|plus besoin|je ne veux plus|finalement non|abandonner",
        "olvidalo|olvidelo|dejalo|dejelo|da igual|no importa|cancelar|cancela|cancele|para|parar|basta|stop|nada olvidalo|no dejalo|no olvidalo|he cambiado de opinion|ya no|ya no importa|ya no quiero|no hace falta|dejemoslo",
        "deixa pra la|deixa para la|deixe para la|esquece|esqueca|cancelar|cancela|cancele|parar|pare|nao importa|tanto faz|stop|nao deixa|mudei de ideia|ja nao quero|nao quero mais|nao precisa|deixa estar|esquece isso|deixa",
        "lascia stare|lasci stare|lascia perdere|lasci perdere|non importa|fa niente|annulla|annullare|basta|stop|ferma|dimentica|niente lascia stare|ho cambiato idea|no lascia stare|lasciamo stare|lasciamo perdere|non serve|non serve piu|non voglio piu|niente",
        "laat maar|laat maar zitten|vergeet het|vergeet maar|annuleren|annuleer|stop|stoppen|maakt niet uit|hoeft niet|hoeft niet meer|toch niet|nee laat maar|ik heb me bedacht|niet meer nodig|laat maar zo|ik wil niet meer|niet nodig");

    // What people say beside it.
    private static readonly FrozenSet<string> _courtesies = Set(
        "please|pls|plz|plse|thanks|thank you|thank you very much|thank you so much|thanks a lot|many thanks|thx|thnx|tnx|ty|cheers|ok|okay|oh|ah|um|uh|hm|hmm|well|sorry|actually|then",
        "bitte|danke|danke schon|dankeschon|vielen dank|besten dank|dann|doch|also|na|ach|tut mir leid",
        "merci|merci beaucoup|merci bien|s il vous plait|sil vous plait|s il te plait|sil te plait|svp|stp|alors|euh|desole|desolee",
        "por favor|porfa|gracias|muchas gracias|entonces|pues|perdon",
        "por favor|obrigado|obrigada|muito obrigado|muito obrigada|entao|desculpe|desculpa",
        "per favore|grazie|grazie mille|allora|scusi|scusa",
        "alstublieft|alsjeblieft|aub|graag|bedankt|dank je|dank u|dank je wel|dank u wel|dan|hoor");

    // Behind a yes these take it back, or ask.
    private static readonly FrozenSet<string> _reservations = Set("not|dont|no|but|unless|if|nicht|kein|keine|keinen|aber|wenn|pas|mais|pero|nao|mas|se|non|ma|niet|geen|maar|als");

    // Whole utterances.
    private static readonly FrozenSet<string> _humanAlone = Set(
        "human|agent|person|operator|representative|support agent|real person|a human|a person|an agent|live agent|live chat|customer service|human please|agent please|person please|operator please|representative please|help desk|someone real|real human|manager|your manager|live person|human agent|human support|customer support",
        "mensch|mitarbeiter|mitarbeiterin|berater|beraterin|kundenservice|kundendienst|mensch bitte|mitarbeiter bitte|ein mensch|einen menschen bitte|echter mensch|support mitarbeiter|operator|sachbearbeiter|menschen|ein mensch bitte|vorgesetzter|ein mitarbeiter|einen mitarbeiter bitte|kundenberater",
        "humain|agent|conseiller|conseillere|une personne|operateur|service client|un humain|un conseiller|un agent|humain svp|agent svp|conseiller svp|un humain s il vous plait|un conseiller s il vous plait|vrai humain|un responsable|responsable",
        "humano|agente|persona|operador|operadora|asesor|asesora|un humano|un agente|una persona|agente por favor|humano por favor|persona real|atencion al cliente|operador por favor|encargado|un encargado|un asesor",
        "humano|atendente|agente|pessoa|operador|operadora|um humano|um atendente|uma pessoa|atendente por favor|humano por favor|pessoa real|atendimento humano|gerente|um gerente|suporte humano",
        "umano|operatore|operatrice|agente|persona|un umano|un operatore|una persona|operatore per favore|operatore grazie|persona reale|servizio clienti|assistenza umana|responsabile|un responsabile",
        "mens|medewerker|een mens|een medewerker|persoon|klantenservice|medewerker graag|mens graag|echt persoon|echte persoon|operator|een echt mens|manager|een echte persoon");

    // Parts of an utterance.
    private static readonly FrozenSet<string> _humanInside = Set(
        "talk to a human|talk to a person|talk to a real person|talk to someone|talk to somebody|talk to an agent|talk to a representative|talk to an operator|talk to your staff|speak to a human|speak to a person|speak to a real person|speak to someone|speak to somebody|speak to an agent|speak to a representative|speak to an operator|speak with a human|speak with a person|speak with someone|speak with an agent|speak with a representative|speak with a real person|talk with a human|talk with a person|talk with someone|talk with an agent|talk with a real person|connect me to a human|connect me to a person|connect me to an agent|connect me with a human|connect me with a person|connect me with an agent|connect me to a representative|chat with a human|chat with a person|chat with an agent|chat with a real person|get me a human|get me an agent|get me a person|need a human|need a real person|want a human|want a real person|want a person|transfer me to a human|transfer me to an agent|transfer me to a person|human being|not a bot|no bot|real human|speak to a manager|speak to the manager|speak to your manager|talk to a manager|talk to the manager|talk to your manager|speak with a manager|talk to customer service|speak to customer service|live person|live agent|real agent|human agent|someone real",
        "mit einem menschen|mit einem mitarbeiter|mit einer mitarbeiterin|mit einem berater|mit einer person|mit einem echten menschen|mit jemandem sprechen|mit jemandem reden|mit jemand sprechen|mit jemand reden|mit dem kundenservice sprechen|echten menschen|echte person|keinen bot|kein bot|verbinden sie mich|verbinde mich mit|menschlichen mitarbeiter|will einen menschen|mochte einen menschen|brauche einen menschen|einen menschen sprechen|menschen sprechen|menschen reden|einen mitarbeiter sprechen|mitarbeiter sprechen|vorgesetzten sprechen",
        "parler a un humain|parler a une personne|parler a quelqu un|parler a quelquun|parler a un agent|parler a un conseiller|parler a une conseillere|parler avec un humain|parler avec quelqu un|parler avec quelquun|parler avec un conseiller|parler avec un agent|parler avec une personne|un vrai humain|une vraie personne|etre humain|pas un robot|pas un bot|passez moi un conseiller|conseiller humain|je veux un humain|je veux un conseiller|besoin d un conseiller|besoin dun conseiller|parler a votre responsable|parler a un responsable",
        "hablar con un humano|hablar con una persona|hablar con alguien|hablar con un agente|hablar con un asesor|hablar con un operador|hablar con una persona real|persona de verdad|persona real|ser humano|no un bot|no un robot|pasame con un agente|paseme con un agente|agente humano|quiero un agente|quiero un humano|hablar con el encargado|hablar con un encargado|hablar con un responsable",
        "falar com um humano|falar com uma pessoa|falar com alguem|falar com um atendente|falar com um agente|falar com um operador|falar com uma pessoa real|pessoa de verdade|pessoa real|ser humano|nao um robo|atendente humano|atendimento humano|quero um atendente|quero um humano|falar com o gerente|falar com um gerente|falar com um responsavel",
        "parlare con un umano|parlare con una persona|parlare con qualcuno|parlare con un operatore|parlare con un agente|parlare con una persona reale|persona vera|persona reale|essere umano|non un bot|non un robot|operatore umano|passami un operatore|mi passi un operatore|voglio un operatore|voglio un umano|parlare con un responsabile|parlare con il responsabile",
        "met een mens|met een medewerker|met een persoon|met een echt persoon|met iemand praten|met iemand spreken|iemand spreken|medewerker spreken|echt mens|echte medewerker|geen bot|geen robot|verbind me door|verbind mij door|doorverbinden|wil een mens|wil een medewerker|mens spreken|mens praten|manager spreken");

    private static readonly (string Sign, string Word)[] _signs =
    [
        ("👍", "yes"), ("👌", "yes"), ("✅", "yes"), ("✔", "yes"), ("☑", "yes"), ("🆗", "yes"), ("💯", "yes"), ("👎", "no"), ("❌", "no"), ("✖", "no"), ("🚫", "no"),
    ];

    private static readonly FrozenSet<string> _known = new[] { _yes, _no, _cancel, _courtesies, _humanAlone }.SelectMany(s => s).SelectMany(p => p.Split(' ')).ToFrozenSet();

    // Parts of an utterance, where a one-time code is awaited.
    private static readonly FrozenSet<string> _newCode = Set(
        "new code|another code|resend|re send|send again|send it again|send me another|did not get|didnt get|did not receive|didnt receive|have not received|havent received|havent got|have not got|not arrived|didnt arrive|did not arrive|no code|no mail|no email|nothing came",
        "neuen code|neuer code|noch einen code|nochmal|noch mal|noch einmal|nicht bekommen|nicht erhalten|nicht angekommen|kein code|keinen code|keine mail|nichts bekommen|nichts angekommen|erneut",
        "nouveau code|un autre code|renvoyer|renvoyez|renvoie|pas recu|rien recu|pas arrive|pas de code|aucun code",
        "nuevo codigo|otro codigo|reenviar|reenvie|reenvia|no me llego|no me ha llegado|no lo recibi|no he recibido|no recibi|ningun codigo",
        "novo codigo|outro codigo|reenviar|reenvie|nao recebi|nao chegou|nenhum codigo",
        "nuovo codice|altro codice|rinviare|rimanda|reinvia|rimandi|non ho ricevuto|non e arrivato|nessun codice",
        "nieuwe code|andere code|opnieuw|niet ontvangen|niet gekregen|niet aangekomen|geen code|geen mail");

    private static readonly FrozenSet<string> _humanBeginnings = Beginnings(_humanInside);

    private static readonly FrozenSet<string> _newCodeBeginnings = Beginnings(_newCode);

    private const int MostWords = 12;
    private const int LongestPhrase = 6;
    private const int LongestText = 200;

    public static bool IsYes(string text) => Consists(text, _yes, _courtesies);

    public static bool IsNo(string text) => Consists(text, _no, _courtesies);

    public static bool IsCancel(string text) => Consists(text, _cancel, _courtesies, _no);

    /// <summary>"Yes, cancel it": a yes, and behind it nothing that takes it back.</summary>
    public static bool BeginsWithYes(string text)
    {
        var words = WordsOf(text);
        return text.Length <= LongestText && !text.Contains('?', StringComparison.Ordinal) && BeginningOf(words, _yes) is > 0 and var yes && !words[yes..].Any(_reservations.Contains);
    }

    /// <summary>"No, Friday": whatever follows answers the question that was asked.</summary>
    public static bool BeginsWithNo(string text) => BeginningOf(WordsOf(text), _no) > 0;

    /// <summary>Whether the person unmistakably asks for a human.</summary>
    public static bool AsksForHuman(string text) => Consists(text, _humanAlone, _courtesies) || Holds(text, _humanInside, _humanBeginnings);

    /// <summary>Whether a one-time code that is awaited did not come.</summary>
    public static bool AsksForNewCode(string text) => Holds(text, _newCode, _newCodeBeginnings);

    /// <summary>Whether one of these phrases stands somewhere in the text, as whole words.</summary>
    /// <param name="beginnings">Their first words.</param>
    private static bool Holds(string text, FrozenSet<string> phrases, FrozenSet<string> beginnings)
    {
        var normalized = Words.Normalize(text).AsSpan();
        var (wholes, firsts) = (phrases.GetAlternateLookup<ReadOnlySpan<char>>(), beginnings.GetAlternateLookup<ReadOnlySpan<char>>());
        for (var rest = normalized; rest.Length > 0;)
        {
            var first = WordEnd(rest, 0);
            if (firsts.Contains(rest[..first]))
            {
                var end = first;
                for (var words = 1; words <= LongestPhrase; words++)
                {
                    if (wholes.Contains(rest[..end]))
                    {
                        return true;
                    }

                    if (end == rest.Length)
                    {
                        break;
                    }

                    end = WordEnd(rest, end + 1);
                }
            }

            rest = first == rest.Length ? [] : rest[(first + 1)..];
        }

        return false;

        static int WordEnd(ReadOnlySpan<char> text, int from) => text[from..].IndexOf(' ') is >= 0 and var length ? from + length : text.Length;
    }

    /// <summary>How many words of the longest of these phrases stand at the beginning, with more behind them.</summary>
    private static int BeginningOf(string[] words, FrozenSet<string> phrases)
    {
        for (var count = Math.Min(words.Length - 1, LongestPhrase); count > 0; count--)
        {
            if (phrases.Contains(string.Join(' ', words[..count])))
            {
                return count;
            }
        }

        return 0;
    }

    /// <summary>Whether the text is made of these phrases, with at least one of the first set.</summary>
    private static bool Consists(string text, FrozenSet<string> wanted, params ReadOnlySpan<FrozenSet<string>> beside)
    {
        if (text.Length > LongestText)
        {
            return false;
        }

        var words = SplitOf(text);
        if (words.Length is 0 or > MostWords)
        {
            return false;
        }

        words = Known(words);

        // Which ends can be reached, without and with a phrase of the first set.
        var plain = new bool[words.Length + 1];
        var met = new bool[words.Length + 1];
        plain[0] = true;
        for (var from = 0; from < words.Length; from++)
        {
            for (var to = from + 1; to <= Math.Min(words.Length, from + LongestPhrase) && (plain[from] || met[from]); to++)
            {
                var phrase = string.Join(' ', words[from..to]);
                met[to] |= wanted.Contains(phrase);
                foreach (var set in beside)
                {
                    if (set.Contains(phrase))
                    {
                        plain[to] |= plain[from];
                        met[to] |= met[from];
                    }
                }
            }
        }

        return met[^1];
    }

    private static string[] WordsOf(string text) => Known(SplitOf(text));

    private static string[] SplitOf(string text)
    {
        text = text.Length > LongestText ? text[..LongestText] : text;
        if (!Ascii.IsValid(text))
        {
            foreach (var (sign, word) in _signs)
            {
                text = text.Replace(sign, $" {word} ", StringComparison.Ordinal);
            }
        }

        return Words.Normalize(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string[] Known(string[] words) => Array.ConvertAll(words, w => _known.Contains(w) ? w : Once(w));

    // "Yesss", "nooo", "pleaseee".
    private static string Once(string word) => string.Concat(word.Where((c, i) => i == 0 || word[i - 1] != c)) is var once && _known.Contains(once) ? once : word;

    private static FrozenSet<string> Beginnings(FrozenSet<string> phrases) => phrases.Select(p => p.Split(' ')[0]).ToFrozenSet();

    private static FrozenSet<string> Set(params ReadOnlySpan<string> lines)
    {
        var phrases = new HashSet<string>();
        foreach (var line in lines)
        {
            phrases.UnionWith(line.Split('|'));
        }

        return phrases.ToFrozenSet();
    }
}
