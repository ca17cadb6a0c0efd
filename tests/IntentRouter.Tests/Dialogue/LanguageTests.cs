using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Dialogue;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Dialogue;

public class LanguageTests
{
    private static readonly string[] _seven = ["en", "de", "fr", "es", "pt", "it", "nl"];

    [Theory]
    [InlineData("where is my order", "en")]
    [InlineData("I'd like to book a room for two", "en")]
    [InlineData("wo ist meine Bestellung 10427?", "de")]
    [InlineData("ich möchte einen Tisch reservieren", "de")]
    [InlineData("ich moechte bitte stornieren", "de")]
    [InlineData("où est ma commande ?", "fr")]
    [InlineData("je voudrais annuler ma réservation", "fr")]
    [InlineData("dónde está mi pedido", "es")]
    [InlineData("quiero una mesa para cuatro personas", "es")]
    [InlineData("onde está a minha encomenda", "pt")]
    [InlineData("quero cancelar a minha reserva", "pt")]
    [InlineData("dov'è il mio ordine", "it")]
    [InlineData("vorrei prenotare un tavolo per quattro", "it")]
    [InlineData("waar is mijn bestelling", "nl")]
    [InlineData("ik wil graag een tafel voor vier", "nl")]
    [InlineData("Bestellung 10428 stornieren", "de")]
    [InlineData("Zimmer frei?", "de")]
    [InlineData("annuler commande 10428", "fr")]
    [InlineData("habitación disponible mañana", "es")]
    [InlineData("encomenda 10428", "pt")]
    [InlineData("rimborso ordine 10402", "it")]
    [InlineData("bestelling 10428", "nl")]
    [InlineData("in english please", "en")]
    [InlineData("ok", null)]
    [InlineData("10427", null)]
    [InlineData("priya@example.com", null)]
    [InlineData("no", null)]
    [InlineData("hotel", null)]
    [InlineData("", null)]
    [InlineData("🙂", null)]
    public void A_message_tells_its_language_or_nothing(string text, string? expected) => Assert.Equal(expected, LanguageDetector.Detect(text, _seven));

    [Theory]
    [InlineData("где мой заказ", "en ru", "ru")]
    [InlineData("где мой заказ", "en ru uk", null)]
    [InlineData("我的订单在哪里", "en zh-Hans", "zh-Hans")]
    [InlineData("注文はどこですか", "en ja", "ja")]
    [InlineData("أين طلبي", "en ar", "ar")]
    [InlineData("gdzie jest moje zamówienie", "en pl de", "pl")]
    [InlineData("var är min beställning", "en sv de", "sv")]
    [InlineData("where is my order", "de fr", null)]
    public void Only_languages_of_the_bot_are_found(string text, string among, string? expected) => Assert.Equal(expected, LanguageDetector.Detect(text, among.Split(' ')));

    [Theory]
    [InlineData("wo ist meine Bestellung", null, null, null, "de")]
    [InlineData("ok", "de", "en", "en", "de")]
    [InlineData("ok", null, "de", "en", "de")]
    [InlineData("ok", null, null, "de-AT", "de")]
    [InlineData("ok", null, null, "sv", "en")]
    [InlineData("ok", null, "xx-nonsense", "de", "de")]
    [InlineData("where is my order", "de", "de", "de", "en")]
    public void What_is_written_comes_first_then_session_contact_browser_and_default(string text, string? session, string? contact, string? browser, string expected)
    {
        var texts = TextCatalog.From("en", new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = new Dictionary<string, string>(), ["de"] = new Dictionary<string, string>() });
        var bot = new Bot { Name = "shop", Options = new BotOptions { Language = "en" }, Routes = new Dictionary<string, RouteOptions>(), Texts = texts };
        var state = new ConversationState
        {
            Session = new Session { Language = session },
            Facts = new ConversationFacts { BrowserLanguage = browser, Contact = new ContactFacts { Language = contact } },
        };

        Assert.Equal(expected, LanguageChooser.Choose(bot, state, text));
    }
}
