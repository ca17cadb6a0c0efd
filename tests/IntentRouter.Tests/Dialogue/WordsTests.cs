using IntentRouter.Dialogue;

namespace IntentRouter.Tests.Dialogue;

public sealed class WordsTests
{
    [Theory]
    [InlineData("It's FINE, Zoë!", "its fine zoe")]
    [InlineData("a \ud83d", "a")]
    [InlineData("\ude00 b \ud83d\ude00 c", "b c")]
    public void Words_are_compared_without_case_marks_and_half_signs(string text, string words) => Assert.Equal(words, Words.Normalize(text));

    [Fact]
    public void A_long_message_that_is_cut_inside_a_sign_is_no_failure()
    {
        var text = "no " + new string('x', 196) + "\U0001F600 Friday";
        Assert.True(Phrases.BeginsWithNo(text));
    }
}
