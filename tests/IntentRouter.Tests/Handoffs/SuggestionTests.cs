using System.Text.Json;
using IntentRouter.Handoffs;

namespace IntentRouter.Tests.Handoffs;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("Your parcel is on its way.", "Your parcel is on its way.", 1.0, "Used")]
    [InlineData("Your parcel is on its way.", "Hello Ada! YOUR parcel is – on its way. Kind regards", 1.0, "Used")]
    [InlineData("Your parcel is on its way.", "It is on its way, your parcel.", 1.0, "Used")]
    [InlineData("Your parcel is on its way and comes on Friday.", "Your parcel comes on Monday.", 0.4, "Unused")]
    [InlineData("Your parcel comes on Friday.", "Your parcel comes on Monday.", 0.8, "Used")]
    [InlineData("Your parcel is on its way.", "The parcel is on the way", 0.66, "Edited")]
    [InlineData("Your parcel is on its way.", "Let me see.", 0.0, "Unused")]
    [InlineData("Your parcel is on its way.", "", 0.0, "Unused")]
    [InlineData("", "Anything", 0.0, "Unused")]
    [InlineData("Größe 42 ist da", "groesse 42 ist DA", 0.75, "Edited")]
    [InlineData("注文は配送中です", "ご注文は配送中です。", 1.0, "Used")]
    [InlineData("ja ja ja", "ja", 0.33, "Unused")]
    internal void How_much_of_a_suggestion_was_said(string suggested, string said, double share, string use)
    {
        var found = Suggestion.Of(suggested).ShareIn(said);
        Assert.InRange(found, share - 0.05, share + 0.05);
        Assert.Equal(use, Suggestion.UseOf(found).ToString());
    }

    [Fact]
    public void What_is_kept_cannot_be_read_and_is_bounded()
    {
        var kept = JsonSerializer.Serialize(Suggestion.Of(string.Concat(Enumerable.Range(0, 5000).Select(i => $"word{i} "))));
        Assert.DoesNotContain("word", kept[10..], StringComparison.Ordinal);
        Assert.InRange(kept.Length, 1, 2000);
    }
}
