using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests;

/// <summary>What the base class does about an adapter that goes wrong.</summary>
public sealed class NluAdapterTests
{
    private static readonly Understanding _good = ScriptedAdapter.Ranked(("order_status", 0.9));

    public static TheoryData<string, Understanding> Wrong => new()
    {
        { "null ranking", _good with { Ranking = null! } },
        { "null candidate", _good with { Ranking = [null!] } },
        { "null intent", _good with { Ranking = [new IntentCandidate(null!, null)] } },
        { "null entities", _good with { Entities = null! } },
        { "null entity", _good with { Entities = [null!] } },
        { "entity without a name", _good with { Entities = [new Entity(" ", "x")] } },
        { "entity without a value", _good with { Entities = [new Entity("city", null!)] } },
        { "null evidence", _good with { Evidence = null! } },
        { "null warnings", _good with { Warnings = null! } },
        { "null message", _good with { ProviderReply = new ProviderReply { Messages = [null!] } } },
        { "null choice", _good with { ProviderReply = new ProviderReply { Choices = [new KeyValuePair<string, string>("Yes", null!)] } } },
        { "unknown kind", _good with { Kind = (UnderstandingKind)77 } },
        { "endless value", _good with { Entities = [new Entity("city", new string('x', 10_000_000))] } },
        { "endless ranking", _good with { Ranking = [.. Enumerable.Range(0, 5_000).Select(i => new IntentCandidate($"i{i}", null))] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_would_break_the_turn_is_a_malformed_answer(string what, Understanding answer)
    {
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(new ScriptedAdapter().Answers("hello there", answer)));
        Assert.True(failure.Failure == AdapterFailure.Malformed, what);
    }

    [Fact]
    public async Task What_only_explains_is_left_out_where_it_is_wrong()
    {
        var heard = await AskAsync(new ScriptedAdapter().Answers("hello there", _good with
        {
            Evidence = [new Evidence("fine", 0.5), new Evidence("nan", double.NaN), new Evidence("endless", double.PositiveInfinity), new Evidence(null!, 1), null!],
            Warnings = ["text-cut", "hello there", "", null!, "Text-Cut"],
        }));
        Assert.Equal(["fine"], heard.Evidence.Select(e => e.Name));
        Assert.Equal(["text-cut"], heard.Warnings);
    }

    [Fact]
    public async Task A_reason_that_quotes_the_person_is_not_shown()
    {
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(
            new ScriptedAdapter().Fails(new AdapterException(AdapterFailure.Throttled, "Could not parse 'Hello There'.") { RetryAfter = TimeSpan.FromSeconds(9) })));
        Assert.DoesNotContain("hello there", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((AdapterFailure.Throttled, TimeSpan.FromSeconds(9)), (failure.Failure, failure.RetryAfter));
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "name could not be resolved")]
    [InlineData(HttpRequestError.SecureConnectionError, "check its certificate")]
    [InlineData(HttpRequestError.ConnectionError, "could not be reached")]
    public void Why_no_connection_was_made_is_said(HttpRequestError error, string says)
    {
        var failure = AdapterException.From(new HttpRequestException(error, "zanzibar.example.com:443"));
        Assert.Equal(AdapterFailure.Unreachable, failure.Failure);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zanzibar", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_without_an_answer_is_an_unhealthy_adapter() =>
        Assert.Equal(AdapterFailure.Faulted, (await new ScriptedAdapter { Health = null! }.CheckHealthAsync(CancellationToken.None)).Failure);

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Wed, 04 Mar 2026 12:00:30 GMT", 30)]
    [InlineData("Wed, 04 Mar 2026 11:00:00 GMT", 0)]
    [InlineData("soon", null)]
    public void How_long_to_wait_is_read_in_both_forms(string header, int? seconds)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Date", "Wed, 04 Mar 2026 12:00:00 GMT");
        response.Headers.TryAddWithoutValidation("Retry-After", header);
        Assert.Equal(seconds, new EngineError(response.StatusCode, response.Headers, null).RetryAfter?.TotalSeconds);
    }

    private static Task<Understanding> AskAsync(NluAdapter adapter) => adapter.UnderstandAsync(new Utterance("hello there", "en"), CancellationToken.None).AsTask();
}
