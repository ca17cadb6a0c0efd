using System.Collections.Frozen;

namespace IntentRouter.Dialogue;

/// <summary>
/// The few things that must be understood without any engine, per language: yes, no, never mind, a person please. A safety net: short and
/// unmistakable wordings only; everything else is the engines' business.
/// </summary>
internal static class Phrases
{
    // Whole utterances, normalized (Words.Normalize).
    private static readonly FrozenDictionary<string, FrozenSet<string>> _yes = Table(
        ("en", "yes|y|yeah|yep|yup|sure|ok|okay|correct|right|that is right|thats right|that is correct|thats correct|confirm|confirmed|please do|go ahead|yes please|do it|book it|sounds good|of course|absolutely|perfect|great|fine|yes thats right|yes that is right|yes go ahead|yes book it|yes do it|yes correct"),
        ("de", "ja|jo|jawohl|ja bitte|genau|richtig|stimmt|korrekt|passt|okay|ok|gerne|gern|ja gerne|ja gern|in ordnung|einverstanden|klar|bestatigen|bestatigt|ja genau|ja stimmt|ja passt|mach das|machen sie das"),
        ("fr", "oui|ouais|d accord|daccord|exact|exactement|correct|c est bon|cest bon|c est ca|cest ca|ok|okay|bien sur|volontiers|je confirme|confirmer|oui merci|oui s il vous plait|oui sil vous plait|parfait|allez y|vas y"),
        ("es", "si|vale|claro|correcto|exacto|ok|okay|de acuerdo|por supuesto|confirmo|confirmar|confirmado|si por favor|si claro|perfecto|adelante|asi es|esta bien"),
        ("pt", "sim|claro|certo|correto|exato|exatamente|ok|okay|pode|pode ser|isso|isso mesmo|confirmo|confirmar|sim por favor|com certeza|perfeito|esta bem|ta bom|tudo bem|pode fazer"),
        ("it", "si|certo|esatto|corretto|giusto|ok|okay|va bene|d accordo|daccordo|confermo|conferma|confermare|si grazie|si per favore|perfetto|certamente|esattamente|procedi|proceda"),
        ("nl", "ja|jawel|jazeker|ja graag|graag|klopt|dat klopt|juist|correct|precies|ok|okay|oke|akkoord|prima|goed|bevestigen|ik bevestig|zeker|doe maar|ja hoor|ja klopt"));

    private static readonly FrozenDictionary<string, FrozenSet<string>> _no = Table(
        ("en", "no|n|nope|nah|no thanks|no thank you|not really|wrong|thats wrong|that is wrong|not correct|incorrect|not right|dont|do not|please dont|no dont|no way|no that is wrong|no thats wrong"),
        ("de", "nein|ne|nee|no|nein danke|falsch|das ist falsch|stimmt nicht|das stimmt nicht|nicht richtig|lieber nicht|auf keinen fall|bitte nicht"),
        ("fr", "non|nan|non merci|pas du tout|faux|c est faux|cest faux|incorrect|pas correct|surtout pas|ce n est pas ca|ce nest pas ca"),
        ("es", "no|no gracias|para nada|incorrecto|mal|esta mal|no es correcto|de ninguna manera|mejor no"),
        ("pt", "nao|nao obrigado|nao obrigada|de jeito nenhum|errado|esta errado|incorreto|melhor nao|nao esta certo"),
        ("it", "no|no grazie|per niente|sbagliato|non e corretto|scorretto|errato|meglio di no|assolutamente no"),
        ("nl", "nee|neen|nee bedankt|nee dank je|nee dank u|fout|dat is fout|klopt niet|dat klopt niet|onjuist|liever niet|zeker niet"));

    private static readonly FrozenDictionary<string, FrozenSet<string>> _cancel = Table(
        ("en", "never mind|nevermind|cancel|cancel that|cancel this|cancel it|stop|stop it|stop this|forget it|forget about it|forget that|leave it|abort|quit|exit|no never mind|no forget it|no cancel|sorry never mind|ok never mind|oh never mind|never mind thanks|never mind thank you|actually never mind|i changed my mind|start over|lets stop"),
        ("de", "egal|ist egal|schon gut|vergiss es|vergessen sie es|abbrechen|abbruch|stopp|stop|lass es|lassen sie es|lass gut sein|doch nicht|nicht mehr notig|hat sich erledigt|schon erledigt|ach egal|nein abbrechen|nein egal|bitte abbrechen|ich habe es mir anders uberlegt|zuruck"),
        ("fr", "laisse tomber|laissez tomber|peu importe|annuler|annule|annulez|stop|arrete|arretez|oublie|oubliez|oublie ca|oubliez ca|tant pis|non laissez tomber|non laisse tomber|j ai change d avis|jai change davis|rien merci"),
        ("es", "olvidalo|olvidelo|dejalo|dejelo|da igual|no importa|cancelar|cancela|cancele|para|parar|basta|stop|nada olvidalo|no dejalo|no olvidalo|he cambiado de opinion"),
        ("pt", "deixa pra la|deixa para la|deixe para la|esquece|esqueca|cancelar|cancela|cancele|parar|pare|nao importa|tanto faz|stop|nao deixa|mudei de ideia"),
        ("it", "lascia stare|lasci stare|lascia perdere|lasci perdere|non importa|fa niente|annulla|annullare|basta|stop|ferma|dimentica|niente lascia stare|ho cambiato idea|no lascia stare"),
        ("nl", "laat maar|laat maar zitten|vergeet het|vergeet maar|annuleren|annuleer|stop|stoppen|maakt niet uit|hoeft niet|hoeft niet meer|toch niet|nee laat maar|ik heb me bedacht"));

    private static readonly FrozenDictionary<string, FrozenSet<string>> _humanAlone = Table(
        ("en", "human|agent|person|operator|representative|support agent|real person|a human|a person|an agent|live agent|live chat|customer service|human please|agent please|person please|operator please|representative please|help desk|someone real|real human"),
        ("de", "mensch|mitarbeiter|mitarbeiterin|berater|beraterin|kundenservice|kundendienst|mensch bitte|mitarbeiter bitte|ein mensch|einen menschen bitte|echter mensch|support mitarbeiter|operator|sachbearbeiter"),
        ("fr", "humain|agent|conseiller|conseillere|une personne|operateur|service client|un humain|un conseiller|un agent|humain svp|agent svp|conseiller svp|un humain s il vous plait|un conseiller s il vous plait|vrai humain"),
        ("es", "humano|agente|persona|operador|operadora|asesor|asesora|un humano|un agente|una persona|agente por favor|humano por favor|persona real|atencion al cliente|operador por favor"),
        ("pt", "humano|atendente|agente|pessoa|operador|operadora|um humano|um atendente|uma pessoa|atendente por favor|humano por favor|pessoa real|atendimento humano"),
        ("it", "umano|operatore|operatrice|agente|persona|un umano|un operatore|una persona|operatore per favore|operatore grazie|persona reale|servizio clienti|assistenza umana"),
        ("nl", "mens|medewerker|een mens|een medewerker|persoon|klantenservice|medewerker graag|mens graag|echt persoon|echte persoon|operator|een echt mens"));

    // Parts of an utterance, normalized.
    private static readonly FrozenDictionary<string, FrozenSet<string>> _humanInside = Table(
        ("en", "talk to a human|talk to a person|talk to a real person|talk to someone|talk to somebody|talk to an agent|talk to a representative|talk to an operator|talk to your staff|speak to a human|speak to a person|speak to a real person|speak to someone|speak to somebody|speak to an agent|speak to a representative|speak to an operator|speak with a human|speak with a person|speak with someone|speak with an agent|speak with a representative|speak with a real person|talk with a human|talk with a person|talk with someone|talk with an agent|talk with a real person|connect me to a human|connect me to a person|connect me to an agent|connect me with a human|connect me with a person|connect me with an agent|connect me to a representative|chat with a human|chat with a person|chat with an agent|chat with a real person|get me a human|get me an agent|get me a person|need a human|need a real person|want a human|want a real person|want a person|transfer me to a human|transfer me to an agent|transfer me to a person|human being|not a bot|no bot|real human"),
        ("de", "mit einem menschen|mit einem mitarbeiter|mit einer mitarbeiterin|mit einem berater|mit einer person|mit einem echten menschen|mit jemandem sprechen|mit jemandem reden|mit jemand sprechen|mit jemand reden|mit dem kundenservice sprechen|echten menschen|echte person|keinen bot|kein bot|verbinden sie mich|verbinde mich mit|menschlichen mitarbeiter"),
        ("fr", "parler a un humain|parler a une personne|parler a quelqu un|parler a quelquun|parler a un agent|parler a un conseiller|parler a une conseillere|parler avec un humain|parler avec quelqu un|parler avec quelquun|parler avec un conseiller|parler avec un agent|parler avec une personne|un vrai humain|une vraie personne|etre humain|pas un robot|pas un bot|passez moi un conseiller|conseiller humain"),
        ("es", "hablar con un humano|hablar con una persona|hablar con alguien|hablar con un agente|hablar con un asesor|hablar con un operador|hablar con una persona real|persona de verdad|persona real|ser humano|no un bot|no un robot|pasame con un agente|paseme con un agente|agente humano"),
        ("pt", "falar com um humano|falar com uma pessoa|falar com alguem|falar com um atendente|falar com um agente|falar com um operador|falar com uma pessoa real|pessoa de verdade|pessoa real|ser humano|nao um robo|atendente humano|atendimento humano"),
        ("it", "parlare con un umano|parlare con una persona|parlare con qualcuno|parlare con un operatore|parlare con un agente|parlare con una persona reale|persona vera|persona reale|essere umano|non un bot|non un robot|operatore umano|passami un operatore|mi passi un operatore"),
        ("nl", "met een mens|met een medewerker|met een persoon|met een echt persoon|met iemand praten|met iemand spreken|iemand spreken|medewerker spreken|echt mens|echte medewerker|geen bot|geen robot|verbind me door|verbind mij door|doorverbinden"));

    public static bool IsYes(string text, string language) => Whole(_yes, text, language);

    public static bool IsNo(string text, string language) => Whole(_no, text, language);

    /// <summary>"No, Friday": whatever follows answers the question that was asked.</summary>
    public static bool BeginsWithNo(string text, string language)
    {
        var normalized = Words.Normalize(text.Length > 200 ? text[..200] : text);
        return Sets(_no, language).Any(s => s.Any(no => normalized.StartsWith(no, StringComparison.Ordinal) && normalized.Length > no.Length && normalized[no.Length] == ' '));
    }

    public static bool IsCancel(string text, string language) => Whole(_cancel, text, language);

    /// <summary>Whether the person unmistakably asks for a human.</summary>
    public static bool AsksForHuman(string text, string language)
    {
        var normalized = Words.Normalize(text);
        return Sets(_humanAlone, language).Any(s => s.Contains(normalized))
            || Sets(_humanInside, language).Any(s => s.Any(p => Words.Contains(normalized, p)));
    }

    // English is understood everywhere: people type "agent" or "stop" in any language.
    private static IEnumerable<FrozenSet<string>> Sets(FrozenDictionary<string, FrozenSet<string>> table, string language)
    {
        var root = language.Split('-', '_')[0].ToLowerInvariant();
        if (root != "en" && table.TryGetValue(root, out var own))
        {
            yield return own;
        }

        yield return table["en"];
    }

    private static bool Whole(FrozenDictionary<string, FrozenSet<string>> table, string text, string language)
    {
        if (text.Length > 60)
        {
            return false;
        }

        var normalized = Words.Normalize(text);
        return Sets(table, language).Any(s => s.Contains(normalized));
    }

    private static FrozenDictionary<string, FrozenSet<string>> Table(params (string Language, string Phrases)[] rows) =>
        rows.ToFrozenDictionary(r => r.Language, r => r.Phrases.Split('|').ToFrozenSet());
}
