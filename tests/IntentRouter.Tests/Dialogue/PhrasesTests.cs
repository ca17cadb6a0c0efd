using IntentRouter.Dialogue;

namespace IntentRouter.Tests.Dialogue;

/// <summary>What must be understood without any engine, as people really write it.</summary>
public class PhrasesTests
{
    [Theory]
    [InlineData("yes")]
    [InlineData("Yes pls!!")]
    [InlineData("yesss")]
    [InlineData("ok thanks")]
    [InlineData("sure, thank you")]
    [InlineData("yes please, go ahead")]
    [InlineData("👍")]
    [InlineData("👍🏽 thanks")]
    [InlineData("✅")]
    [InlineData("why not")]
    [InlineData("k")]
    [InlineData("ja bitte, gerne")]
    [InlineData("na klar, danke")]
    [InlineData("oui, s'il vous plaît")]
    [InlineData("sí, por favor")]
    [InlineData("sim, obrigada")]
    [InlineData("sì grazie mille")]
    [InlineData("ja hoor, bedankt")]
    public void A_yes(string text)
    {
        Assert.True(Phrases.IsYes(text));
        Assert.False(Phrases.IsNo(text));
        Assert.False(Phrases.IsCancel(text));
    }

    [Theory]
    [InlineData("nooo")]
    [InlineData("no thanks")]
    [InlineData("thanks but no thanks")]
    [InlineData("no sorry")]
    [InlineData("not now")]
    [InlineData("👎")]
    [InlineData("nein danke")]
    [InlineData("non merci")]
    [InlineData("no, gracias")]
    [InlineData("agora não, obrigado")]
    [InlineData("non ora, grazie")]
    [InlineData("nee, dank je wel")]
    public void A_no(string text)
    {
        Assert.True(Phrases.IsNo(text));
        Assert.False(Phrases.IsYes(text));
    }

    [Theory]
    [InlineData("nvm")]
    [InlineData("oh never mind, thanks")]
    [InlineData("no no, forget it please")]
    [InlineData("nein doch nicht")]
    [InlineData("ach, vergiss es bitte")]
    [InlineData("non, laissez tomber, merci")]
    [InlineData("olvídalo, gracias")]
    [InlineData("deixa pra lá, obrigada")]
    [InlineData("lascia stare, grazie")]
    [InlineData("laat maar, bedankt")]
    public void A_never_mind(string text)
    {
        Assert.True(Phrases.IsCancel(text));
        Assert.False(Phrases.IsYes(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?!")]
    [InlineData("thanks")]
    [InlineData("please")]
    [InlineData("😀")]
    [InlineData("yes and no")]
    [InlineData("👍👎")]
    [InlineData("yes but not on Friday")]
    [InlineData("not sure")]
    [InlineData("is that right")]
    [InlineData("how do I cancel my order")]
    [InlineData("correct it")]
    public void Neither(string text)
    {
        Assert.False(Phrases.IsYes(text));
        Assert.False(Phrases.IsNo(text));
        Assert.False(Phrases.IsCancel(text));
    }

    [Theory]
    [InlineData("yes cancel it", true)]
    [InlineData("ja, bitte stornieren", true)]
    [InlineData("sí, cancélalo", true)]
    [InlineData("yes", false)]
    [InlineData("yes but not the big one", false)]
    [InlineData("yes, what does it cost?", false)]
    [InlineData("yesterday", false)]
    public void A_yes_with_more_behind_it(string text, bool expected) => Assert.Equal(expected, Phrases.BeginsWithYes(text));

    [Theory]
    [InlineData("je veux parler à quelqu'un")]
    [InlineData("Ich will einen Menschen!")]
    [InlineData("ik wil een mens spreken")]
    [InlineData("quiero hablar con una persona")]
    [InlineData("quero falar com um atendente")]
    [InlineData("vorrei parlare con un operatore")]
    [InlineData("operatore")]
    [InlineData("agent pls")]
    [InlineData("let me speak to your manager")]
    public void A_person_is_asked_for_in_any_language(string text) => Assert.True(Phrases.AsksForHuman(text));

    [Theory]
    [InlineData("my travel agent booked it")]
    [InlineData("two persons")]
    [InlineData("support for two monitors")]
    [InlineData("der Mensch an der Tür nahm das Paket")]
    public void Nobody_is_asked_for(string text) => Assert.False(Phrases.AsksForHuman(text));
}
