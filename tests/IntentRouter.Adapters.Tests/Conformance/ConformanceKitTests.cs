using System.Globalization;
using IntentRouter.TestKit;
using Xunit.Abstractions;

namespace IntentRouter.Adapters.Tests.Conformance;

/// <summary>The kit itself: it passes the good, and names what is broken.</summary>
public sealed class ConformanceKitTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_adapter_that_is_sabotaged_below_passes_when_it_is_not()
    {
        var results = await RunAsync<Nothing>();
        Assert.NotEmpty(results);
        Assert.All(results, r => Assert.Null(r.Problem));
    }

    [Fact]
    public Task A_changed_name_is_noticed() => NoticedAsync<ChangesNames>("NluAdapterConformance.Names_are_passed_through_unchanged");

    [Fact]
    public Task An_invented_confidence_is_noticed() => NoticedAsync<InventsConfidence>("NluAdapterConformance.An_absent_confidence_stays_absent");

    [Fact]
    public Task A_fallback_made_an_intent_is_noticed() => NoticedAsync<MakesFallbackAnIntent>("NluAdapterConformance.None_of_mine_is_no_match");

    [Fact]
    public Task A_text_that_was_tidied_is_noticed() => NoticedAsync<TidiesText>("NluAdapterConformance.Any_text_reaches_the_engine_as_typed");

    [Fact]
    public Task A_silent_cut_is_noticed() => NoticedAsync<CutsInSilence>("NluAdapterConformance.A_long_text_is_answered");

    [Fact]
    public Task Mixed_conversations_are_noticed() => NoticedAsync<RemembersTheLastAnswer>("NluAdapterConformance.Conversations_at_once_do_not_mix");

    [Fact]
    public Task A_moved_dialogue_is_noticed() => NoticedAsync<MovesTheDialogue>("NluAdapterConformance.Asking_twice_changes_nothing");

    [Fact]
    public Task An_ignored_token_is_noticed() => NoticedAsync<IgnoresTheToken>("NluAdapterConformance.Giving_up_reaches_the_engine");

    [Fact]
    public Task A_wrong_kind_of_failure_is_noticed() => NoticedAsync<CallsEveryFailureItsOwn>("FailureConformance.Each_failure_is_named");

    [Fact]
    public Task The_persons_words_in_a_message_are_noticed() => NoticedAsync<QuotesThePerson>("FailureConformance.A_failure_says_nothing_of_the_persons_words");

    [Fact]
    public Task An_adapter_that_stays_down_is_noticed() => NoticedAsync<StaysDownAfterAFailure>("FailureConformance.After_a_failure_the_next_question_is_answered");

    [Fact]
    public Task A_position_off_by_the_emoji_is_noticed() => NoticedAsync<CountsCodePoints>("EntityConformance.An_entity_keeps_its_words");

    [Fact]
    public Task A_key_taken_in_silence_is_noticed() => NoticedAsync<TakesAnyKey>("ConfigurationConformance.A_misspelt_key_is_refused");

    [Fact]
    public Task A_swallowed_reply_is_noticed() => NoticedAsync<SwallowsReplies>("DialogueConformance.The_engines_words_come_through");

    [Fact]
    public async Task A_learner_that_learned_nothing_is_noticed()
    {
        var results = await ConformanceRun.RunAsync<Dunce>(typeof(DunceUnderstanding));
        Assert.Contains(results, r => r is { Passed: false, Check: "What_was_taught_is_known_by_its_name" });
    }

    [Fact]
    public void A_suite_that_is_missing_is_noticed()
    {
        var failure = Assert.ThrowsAny<Exception>(new NobodysSuites().Every_suite_is_derived_or_declared_out);
        Assert.Contains("DialogueConformance<LanguageModelFixture> is neither derived nor declared out", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Every built-in adapter through every suite, as a list that CI keeps: <c>artifacts/conformance.txt</c>.</summary>
    [Fact]
    public async Task Every_built_in_adapter_passes_every_suite()
    {
        IReadOnlyList<ConformanceResult>[] all =
        [
            await Named<DialogflowEsFixture>(" es"),
            await Named<DialogflowCxFixture>(" cx"),
            await Named<HttpEngineFixture>(""),
            await Named<LanguageModelFixture>(""),
            await Named<LexFixture>(""),
            await Named<LocalFixture>(""),
            await Named<RasaFixture>(""),
        ];
        var lines = new List<string>();
        foreach (var adapter in all)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{adapter[0].Adapter}: {adapter.Count(r => r.Passed)} of {adapter.Count} checks passed"));
            lines.AddRange(adapter.GroupBy(r => (r.Suite, r.Check)).Select(g => $"  {(g.All(r => r.Passed) ? "pass" : "FAIL")}  {g.Key.Suite}.{g.Key.Check}{(g.Count() > 1 ? $" ({g.Count()})" : "")}"));
        }

        lines.ForEach(output.WriteLine);
        await File.WriteAllLinesAsync(Path.Combine(Repository.Artifacts, "conformance.txt"), lines);
        Assert.All(all.SelectMany(r => r), r => Assert.True(r.Passed, $"{r.Adapter}: {r.Check}: {r.Problem}"));

        static async Task<IReadOnlyList<ConformanceResult>> Named<TFixture>(string suffix)
            where TFixture : AdapterFixture, new() =>
            [.. (await ConformanceRun.RunAsync<TFixture>()).Select(r => r with { Adapter = r.Adapter + suffix })];
    }

    private static Task<IReadOnlyList<ConformanceResult>> RunAsync<TSabotage>()
        where TSabotage : Sabotage, new() =>
        ConformanceRun.RunAsync<Broken<TSabotage>>(
            typeof(BrokenUnderstanding<TSabotage>),
            typeof(BrokenFailures<TSabotage>),
            typeof(BrokenEntities<TSabotage>),
            typeof(BrokenConfiguration<TSabotage>),
            typeof(BrokenDialogue<TSabotage>));

    private static async Task NoticedAsync<TSabotage>(string check)
        where TSabotage : Sabotage, new()
    {
        var suite = check.Split('.')[0] switch
        {
            "NluAdapterConformance" => typeof(BrokenUnderstanding<TSabotage>),
            "FailureConformance" => typeof(BrokenFailures<TSabotage>),
            "EntityConformance" => typeof(BrokenEntities<TSabotage>),
            "ConfigurationConformance" => typeof(BrokenConfiguration<TSabotage>),
            _ => typeof(BrokenDialogue<TSabotage>),
        };
        var failed = (await ConformanceRun.RunAsync<Broken<TSabotage>>(suite)).Where(r => !r.Passed).Select(r => $"{r.Suite}.{r.Check}").Distinct();
        Assert.Contains(check, failed);
    }

    private sealed class NobodysSuites : AllSuitesImplemented;
}
