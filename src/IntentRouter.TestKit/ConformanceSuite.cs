using System.Globalization;
using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What all suites have in common. Derive from a suite, not from this.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class ConformanceSuite<TFixture> : IClassFixture<TFixture>
    where TFixture : AdapterFixture
{
    /// <summary>Called before each check.</summary>
    protected ConformanceSuite(TFixture fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        Fixture = fixture;
        fixture.Reset();
    }

    /// <summary>The fixture.</summary>
    protected TFixture Fixture { get; }

    /// <summary>How long a check waits for something that must happen.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>A session id of the service's form.</summary>
    protected static string Session(int number) => number.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Asks the adapter.</summary>
    protected Task<Understanding> AskAsync(
        string text, string? session = null, UnderstandingMode mode = UnderstandingMode.Read, CancellationToken cancellationToken = default) =>
        Fixture.Adapter.UnderstandAsync(new Utterance(text, Language) { SessionId = session ?? Session(1), Mode = mode }, cancellationToken).AsTask();

    private string Language => Fixture.Adapter.Capabilities.Languages?.FirstOrDefault() ?? "en";
}
