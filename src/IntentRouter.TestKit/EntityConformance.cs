using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What an adapter must do with the pieces that its engine finds in a text.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class EntityConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : AdapterFixture
{
    /// <summary>Python engines count code points and C# counts UTF-16 units: after an emoji a place is off by one or more.</summary>
    [Theory]
    [InlineData("order 48213 please", "48213")]
    [InlineData("🎉 order 48213 please", "48213")]
    [InlineData("👩‍👩‍👧‍👦👍🏽 order 48213 🎉", "48213")]
    [InlineData("Zoë wants 48213", "48213")]
    public async Task An_entity_keeps_its_words(string text, string words)
    {
        Fixture.EngineFinds(text, "order_status", "order_number", words);
        var entity = Assert.Single((await AskAsync(text)).Entities);
        Assert.Equal("order_number", entity.Name);
        Assert.Equal(words, entity.Value);
        if (entity is { Start: { } start, Length: { } length })
        {
            Assert.Equal(words, text.Substring(start, length));
        }

        Assert.True(entity.Text is null || entity.Text == words, "Entity.Text is not what the person wrote.");
        Assert.True(entity.Start is not null || !Fixture.Adapter.Capabilities.ReportsSpans, "The capabilities promise positions.");
    }

    /// <summary>An entity is not a candidate and does not replace one.</summary>
    [Fact]
    public async Task The_intent_stands_beside_its_entities()
    {
        Fixture.EngineFinds("order 48213", "order_status", "order_number", "48213");
        Assert.Equal("order_status", (await AskAsync("order 48213")).Ranking[0].Intent);
    }
}
