using System.Globalization;
using IntentRouter.Decisions;
using IntentRouter.Dialogue;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Replies;

public sealed class BuiltInTextsTests
{
    public static TheoryData<string> Languages => [.. BuiltInTexts.ByLanguage.Keys];

    [Fact]
    public void Every_language_that_dates_are_read_in_has_the_products_own_words() =>
        Assert.Equal(["de", "en", "es", "fr", "it", "nl", "pt"], BuiltInTexts.ByLanguage.Keys.Order());

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_key_and_every_variable_is_in_every_language(string language)
    {
        var texts = BuiltInTexts.ByLanguage[language];

        Assert.Equal(BuiltInTexts.English.Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, english) in BuiltInTexts.English)
        {
            Assert.True(english.Text.Variables.Order().SequenceEqual(texts[key].Text.Variables.Order()), $"{language}, {key}");
            Assert.Equal(english.Kind, texts[key].Kind);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Nothing_was_left_in_english(string language)
    {
        // Words that are the same in both.
        string[] alike = ["confirm.no", "note.proof"];
        var same = BuiltInTexts.ByLanguage[language].Where(t => t.Value.Text.Source == BuiltInTexts.English[t.Key].Text.Source).Select(t => t.Key).Except(alike);
        Assert.True(language == "en" || !same.Any(), string.Join(", ", same));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_text_can_be_written_with_what_it_may_use(string language)
    {
        var scope = new TextScope(
            new Dictionary<string, object?>
            {
                ["slot"] = "date",
                ["limit"] = "4",
                ["address"] = "ada@example.com",
                ["code"] = "123456",
                ["minutes"] = 10,
                ["reason"] = "asked",
                ["hours"] = new Dictionary<string, object?> { ["open"] = false, ["next"] = new DateTimeOffset(2026, 10, 9, 9, 0, 0, TimeSpan.Zero) },
            },
            CultureInfo.GetCultureInfo(language),
            TimeZoneInfo.Utc,
            new DateTimeOffset(2026, 10, 8, 22, 0, 0, TimeSpan.Zero));

        Assert.All(BuiltInTexts.ByLanguage[language].Values, text => Assert.NotEqual("", text.Text.Render(scope, TextForm.Markdown)));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_reasons_yes_and_no_and_the_problems_of_slots_have_words(string language)
    {
        var texts = BuiltInTexts.ByLanguage[language];
        Assert.All(Enum.GetValues<HandoffReason>(), reason => Assert.Contains($"note.reason.{Kebab.Of(reason)}", texts.Keys));
        Assert.True(Phrases.IsYes(texts["confirm.yes"].Text.Source));
        Assert.True(Phrases.IsNo(texts["confirm.no"].Text.Source));
    }

    [Theory]
    [InlineData("de", "de", "greeting", "Hallo! Wie kann ich Ihnen helfen?")]
    [InlineData("en", "de-AT", "greeting", "Hallo! Wie kann ich Ihnen helfen?")]
    [InlineData("en", "pt-BR", "done", "Feito.")]
    [InlineData("de", "ja", "done", "Erledigt.")]
    [InlineData("ja", "ja", "done", "Done.")]
    public void The_words_follow_the_language_then_the_bots_then_english(string bots, string asked, string key, string words) =>
        Assert.Equal(words, TextCatalog.From(bots, new Dictionary<string, IReadOnlyDictionary<string, string>>()).Find(key, asked)!.Text.Source);

    [Fact]
    public void A_text_of_the_bot_comes_first_in_its_language_and_the_right_language_before_the_bots_own_words()
    {
        var texts = TextCatalog.From("en", new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            ["en"] = new Dictionary<string, string> { ["greeting"] = "Welcome to the shop!", ["only.here"] = "Only here." },
            ["de"] = new Dictionary<string, string> { ["done"] = "Fertig!" },
        });

        Assert.Equal("Welcome to the shop!", texts.Find("greeting", "en")!.Text.Source);
        Assert.Equal("Hallo! Wie kann ich Ihnen helfen?", texts.Find("greeting", "de")!.Text.Source);
        Assert.Equal("Fertig!", texts.Find("done", "de-CH")!.Text.Source);
        Assert.Equal("Only here.", texts.Find("only.here", "de")!.Text.Source);
        Assert.Null(texts.Find("nowhere", "de"));
        Assert.True(texts.HasOwn("greeting", "de"));
        Assert.False(texts.HasOwn("fallback", "en"));
    }
}
