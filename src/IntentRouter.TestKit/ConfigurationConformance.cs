using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What a module must do with its settings: take the right ones, refuse the wrong ones in words that help.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class ConfigurationConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : AdapterFixture
{
    /// <summary>The word that operators write behind <c>adapter:</c>.</summary>
    [Fact]
    public void The_type_is_a_plain_word() => Assert.Matches(new Regex("^[a-z][a-z0-9-]{0,63}$"), Fixture.Module.Type);

    /// <summary>A misspelt key must not silently become the default.</summary>
    [Fact]
    public void A_misspelt_key_is_refused()
    {
        var settings = new Dictionary<string, string?>(Fixture.Settings) { ["tiemout-of-parsing"] = "3" };
        var refusal = Assert.ThrowsAny<Exception>(() => Fixture.Make(settings));
        Assert.True(refusal is InvalidOperationException or OptionsValidationException, $"{refusal.GetType().Name} says nothing to an operator.");
        Assert.Contains("tiemout-of-parsing", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What is missing is named.</summary>
    [Fact]
    public void A_missing_key_is_refused_by_name()
    {
        Assert.NotEmpty(Fixture.RequiredKeys);
        foreach (var key in Fixture.RequiredKeys)
        {
            var settings = Fixture.Settings.Where(s => s.Key != key && !s.Key.StartsWith(key + ":", StringComparison.Ordinal)).ToDictionary();
            var refusal = Assert.Throws<OptionsValidationException>(() => Fixture.Make(settings));
            Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Messages end up in logs and on screens.</summary>
    [Fact]
    public async Task A_secret_does_not_show_in_messages()
    {
        if (Fixture.SecretKey is not { } key)
        {
            return;
        }

        const string Secret = "s3cret-Zanzibar-0123456789";
        var settings = new Dictionary<string, string?>(Fixture.Settings) { [key] = Secret };
        var refusals = new List<Exception>
        {
            Assert.ThrowsAny<Exception>(() => Fixture.Make(new Dictionary<string, string?>(settings) { ["tiemout-of-parsing"] = "3" })),
        };
        try
        {
            await using var made = Fixture.Make(settings);
            if (!Fixture.Failures.Contains(AdapterFailure.Rejected))
            {
                return;
            }

            Fixture.EngineFails(AdapterFailure.Rejected);
            refusals.Add(await Assert.ThrowsAsync<AdapterException>(() => made.Adapter.UnderstandAsync(new Utterance("hello", "en"), CancellationToken.None).AsTask()));
        }
        catch (OptionsValidationException ex)
        {
            refusals.Add(ex);
        }

        Assert.All(refusals, r => Assert.DoesNotContain("Zanzibar", r.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Two entries of one type stand side by side.</summary>
    [Fact]
    public async Task Two_entries_do_not_share_an_adapter()
    {
        await using var one = Fixture.Make(Fixture.Settings, "one");
        await using var other = Fixture.Make(Fixture.Settings, "other");
        Assert.NotSame(one.Adapter, other.Adapter);
        Assert.Equal("one", one.Registration.Name);
    }
}
