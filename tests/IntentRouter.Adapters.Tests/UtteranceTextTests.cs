namespace IntentRouter.Adapters.Tests;

public sealed class UtteranceTextTests
{
    private const string Family = "👨\u200d👩\u200d👧";

    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("where is my order", 14, "where is my")]
    [InlineData("a verylongwordwithoutend", 10, "a verylong")]
    [InlineData("aaaaaaaaa🎉", 10, "aaaaaaaaa")]
    [InlineData("aaaaaaaaa🎉", 11, "aaaaaaaaa🎉")]
    [InlineData("aaaaaaaae\u0301b", 9, "aaaaaaaa")]
    [InlineData("aaaaaaaae\u0301b", 10, "aaaaaaaae\u0301")]
    [InlineData("aaaaaaaa" + Family + "b", 12, "aaaaaaaa")]
    [InlineData("aaaaaaaa" + Family + "b", 16, "aaaaaaaa" + Family)]
    [InlineData(Family, 3, "👨\u200d")]
    [InlineData(Family, 4, "👨\u200d")]
    public void A_cut_is_between_two_characters_as_a_reader_sees_them(string text, int limit, string expected) =>
        Assert.Equal(expected, UtteranceText.Cut(text, limit));

    [Fact]
    public void No_cut_is_too_long_or_ends_with_half_a_character()
    {
        var text = string.Concat(Enumerable.Repeat("ä🎉e\u0301\u0323 " + Family + "नि", 40));
        for (var limit = 1; limit < text.Length; limit++)
        {
            var cut = UtteranceText.Cut(text, limit);
            Assert.InRange(cut.Length, 0, limit);
            Assert.StartsWith(cut, text, StringComparison.Ordinal);
            Assert.False(cut.Length > 0 && char.IsHighSurrogate(cut[^1]));
        }
    }
}
