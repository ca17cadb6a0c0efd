using IntentRouter.Nlu;
using IntentRouter.Review;
using IntentRouter.Storage;

namespace IntentRouter.StoreTests;

/// <summary>The review queue and the answers of adapters on trial.</summary>
public abstract partial class EventStoreContract
{
    private static readonly RetentionLimits _limits = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(90));

    [SkippableFact]
    public async Task An_utterance_is_noted_with_the_turn_that_brought_it_up()
    {
        await NotedAsync("e1", Said("do you ship to the moon"));

        var item = Assert.Single(await Store.ListReviewAsync("shop", ReviewState.Open, 0, 10, _none));
        Assert.Equal(
            ("shop", "do you ship to the moon", "en", "local", "m1", ReviewReason.Fallback, "fallback-below-threshold", Given.Conversation, "e1", 1L, 0L),
            (item.Bot, item.Text, item.Language, item.Adapter, item.Model, item.Reason, item.Rule, item.Conversation, item.Turn, item.Count, item.Takeovers));
        Assert.Equal([new SpokenCandidate("delivery", 0.31), new SpokenCandidate("refund", null)], item.Candidates);
        Assert.Equal(1, (await Store.CountOpenReviewAsync(_none))["shop"]);
        Assert.Equal(item.Id, (await Store.FindReviewAsync(item.Id, _none))!.Id);
    }

    [SkippableFact]
    public async Task A_lost_claim_notes_nothing_and_a_repeated_commit_counts_once()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        var turn = Given.Turn(appended.Sequence, "e1") with { Review = [Said("what is this")] };

        Assert.False(await Store.DecideAsync(new Claim(Given.Conversation, appended.Claim!.Value.Token + 1), turn, _none));
        Assert.Empty(await Store.ListReviewAsync(null, null, 0, 10, _none));
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn, _none));
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn, _none));

        Assert.Equal(1, Assert.Single(await Store.ListReviewAsync(null, null, 0, 10, _none)).Count);
    }

    [SkippableFact]
    public async Task The_same_words_are_one_item_per_bot_with_a_count_and_the_latest_news()
    {
        await NotedAsync("e1", Said("Do you ship to the moon?"), "shop/3/1");
        await NotedAsync("e2", Said("do you ship to the moon") with { Reason = ReviewReason.Takeover, TakenOver = true }, "shop/3/2");
        await NotedAsync("e3", Said("do you ship to the moon") with { Counts = false, Suggestion = "delivery" }, "shop/3/2");
        await NotedAsync("e4", Said("do you ship to the moon"), "hotel/3/9");
        await NotedAsync("e5", Said("something else"), "shop/3/3");

        var items = await Store.ListReviewAsync("shop", null, 0, 10, _none);
        Assert.Equal(["Do you ship to the moon?", "something else"], items.Select(i => i.Text));
        Assert.Equal((2L, 1L, "delivery", "shop/3/2", ReviewReason.Fallback), (items[0].Count, items[0].Takeovers, items[0].Suggestion, items[0].Conversation, items[0].Reason));
        Assert.Equal("something else", Assert.Single(await Store.ListReviewAsync("shop", null, 1, 10, _none)).Text);
        Assert.Equal(3, (await Store.ListReviewAsync(null, null, 0, 10, _none)).Count);
    }

    [SkippableFact]
    public async Task One_turn_may_bring_up_the_same_words_twice()
    {
        await NotedAsync("e1", [Said("hm") with { Reason = ReviewReason.Takeover, TakenOver = true }, Said("hm") with { Reason = ReviewReason.Correction, Suggestion = "refund" }]);

        var item = Assert.Single(await Store.ListReviewAsync(null, null, 0, 10, _none));
        Assert.Equal((2L, 1L, "refund", ReviewReason.Correction), (item.Count, item.Takeovers, item.Suggestion, item.Reason));
    }

    [SkippableFact]
    public async Task Judgements_are_kept_with_who_and_when_and_can_be_taken_back()
    {
        await NotedAsync("e1", Said("where is my parcel box"));
        var id = (await Store.ListReviewAsync(null, null, 0, 1, _none))[0].Id;

        Assert.True(await Store.JudgeReviewAsync(id, ReviewState.Labelled, "order_status", "Mara", _none));
        await NotedAsync("e2", Said("where is my parcel box"));

        var item = Assert.Single(await Store.ListReviewAsync("shop", ReviewState.Labelled, 0, 10, _none));
        Assert.Equal(("order_status", "Mara", 2L), (item.Label, item.By, item.Count));
        Assert.NotNull(item.JudgedAt);
        Assert.Empty(await Store.CountOpenReviewAsync(_none));
        Assert.True(await Store.JudgeReviewAsync(id, ReviewState.Dismissed, null, "Jonas", _none));
        Assert.Equal((ReviewState.Dismissed, null, "Jonas"), await JudgementAsync(id));
        Assert.True(await Store.JudgeReviewAsync(id, ReviewState.Open, null, "Jonas", _none));
        Assert.Equal(ReviewState.Open, (await Store.FindReviewAsync(id, _none))!.State);
        Assert.False(await Store.JudgeReviewAsync(id + 1, ReviewState.Dismissed, null, "Jonas", _none));
    }

    [SkippableFact]
    public async Task Labels_and_takeovers_are_learned_and_what_was_set_aside_is_not()
    {
        await NotedAsync("e1", Said("labelled"));
        await NotedAsync("e2", Said("taken over") with { TakenOver = true });
        await NotedAsync("e3", Said("taken over and labelled") with { TakenOver = true });
        await NotedAsync("e4", Said("taken over and dismissed") with { TakenOver = true });
        await NotedAsync("e5", Said("only missed"));
        await NotedAsync("e6", Said("another bot's") with { TakenOver = true }, "hotel/3/1");
        var ids = (await Store.ListReviewAsync(null, null, 0, 10, _none)).ToDictionary(i => i.Text, i => i.Id);
        await Store.JudgeReviewAsync(ids["labelled"], ReviewState.Labelled, "order_status", "m", _none);
        await Store.JudgeReviewAsync(ids["taken over and labelled"], ReviewState.Labelled, "refund", "m", _none);
        await Store.JudgeReviewAsync(ids["taken over and dismissed"], ReviewState.Dismissed, null, "m", _none);

        var learned = await Store.ReadLearnedAsync("shop", _none);

        Assert.Equal(
            [("labelled", "order_status"), ("taken over", "out_of_scope"), ("taken over and labelled", "refund")],
            learned.Select(l => (l.Text, l.Label)).Order());
        Assert.All(learned, l => Assert.Equal(("en", "local"), (l.Language, l.Adapter)));
        Assert.Equal(learned, await Store.ReadLearnedAsync("shop", _none));
    }

    [SkippableFact]
    public async Task Erasing_a_contact_takes_what_only_they_said_out_of_the_queue()
    {
        await NotedAsync("e1", Said("only mine"), "shop/3/1", contact: 77);
        await NotedAsync("e2", Said("said by two"), "shop/3/2", contact: 78);
        await NotedAsync("e3", Said("said by two"), "shop/3/1", contact: 77);
        await NotedAsync("e4", Said("mine and labelled"), "shop/3/1", contact: 77);
        await NotedAsync("e5", Said("another account's"), "shop/4/1", contact: 77);
        var labelled = (await Store.ListReviewAsync(null, null, 0, 10, _none)).Single(i => i.Text == "mine and labelled").Id;
        await Store.JudgeReviewAsync(labelled, ReviewState.Labelled, "refund", "m", _none);
        await Store.AddShadowAsync(Shadow("shop/3/1", "e1", "only mine"), _none);

        Assert.Equal(1, await Store.EraseContactAsync(3, 77, _none));

        var left = await Store.ListReviewAsync(null, null, 0, 10, _none);
        Assert.Equal(["another account's", "said by two"], left.Select(i => i.Text).Order());
        Assert.Equal(("shop/3/2", "e2"), left.Where(i => i.Text == "said by two").Select(i => (i.Conversation, i.Turn)).Single());
        Assert.Empty(await Store.ReadLearnedAsync("shop", _none));
        Assert.Empty(await Store.ReadShadowsAsync(null, DateTimeOffset.UnixEpoch, 10, _none));
    }

    [SkippableFact]
    public async Task Unjudged_items_go_with_the_explanations_and_what_was_learned_with_the_conversations()
    {
        await NotedAsync("e1", Said("open"));
        await NotedAsync("e2", Said("dismissed"));
        await NotedAsync("e3", Said("labelled"));
        await NotedAsync("e4", Said("taken over") with { TakenOver = true });
        var ids = (await Store.ListReviewAsync(null, null, 0, 10, _none)).ToDictionary(i => i.Text, i => i.Id);
        await Store.JudgeReviewAsync(ids["dismissed"], ReviewState.Dismissed, null, "m", _none);
        await Store.JudgeReviewAsync(ids["labelled"], ReviewState.Labelled, "refund", "m", _none);
        await Store.AddShadowAsync(Shadow("shop/3/1", "e1", "open"), _none);

        await Host.AdvanceAsync(TimeSpan.FromDays(31));
        await Store.DeleteOldAsync(_limits, _none);
        Assert.Equal(["labelled", "taken over"], (await Store.ListReviewAsync(null, null, 0, 10, _none)).Select(i => i.Text).Order());
        Assert.Empty(await Store.ReadShadowsAsync(null, DateTimeOffset.UnixEpoch, 10, _none));

        await Host.AdvanceAsync(TimeSpan.FromDays(60));
        await Store.DeleteOldAsync(_limits, _none);
        Assert.Empty(await Store.ListReviewAsync(null, null, 0, 10, _none));
    }

    [SkippableFact]
    public async Task A_shadows_answer_is_kept_once_and_joined_with_what_people_said_since()
    {
        await NotedAsync("e1", Said("ship it to the moon"));
        await NotedAsync("e2", Said("taken") with { TakenOver = true });
        await NotedAsync("e3", Said("chosen") with { Suggestion = "delivery" });
        foreach (var text in (string[])["ship it to the moon", "taken", "chosen", "understood"])
        {
            await Store.AddShadowAsync(Shadow("shop/3/1", text, text) with { Intent = "first" }, _none);
            await Store.AddShadowAsync(Shadow("shop/3/1", text, text), _none);
        }

        await Store.AddShadowAsync(Shadow("hotel/3/1", "x", "taken") with { Bot = "hotel" }, _none);
        var open = (await Store.ListReviewAsync(null, null, 0, 10, _none)).Single(i => i.Text == "ship it to the moon").Id;
        await Store.JudgeReviewAsync(open, ReviewState.Labelled, "delivery", "m", _none);

        var read = await Store.ReadShadowsAsync("shop", DateTimeOffset.UnixEpoch, 10, _none);

        await Host.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Store.AddShadowAsync(Shadow("shop/3/1", "again", "ship it to the moon"), _none);
        Assert.Null((await Store.ReadShadowsAsync("shop", DateTimeOffset.UnixEpoch, 1, _none)).Single().Truth);

        Assert.Equal(
            [("chosen", "delivery"), ("ship it to the moon", "delivery"), ("taken", "out_of_scope"), ("understood", null)],
            read.Select(r => (r.Answer.Turn, r.Truth)).Order());
        Assert.All(read, r => Assert.Equal(Shadow("shop/3/1", r.Answer.Turn, r.Answer.Turn) with { At = r.Answer.At }, r.Answer));
        Assert.Equal(2, (await Store.ReadShadowsAsync(null, DateTimeOffset.UnixEpoch, 2, _none)).Count);
        Assert.Empty(await Store.ReadShadowsAsync(null, DateTimeOffset.UtcNow.AddYears(1), 10, _none));
    }

    [SkippableFact]
    public async Task Words_of_any_kind_can_be_noted()
    {
        await NotedAsync("e1", Said("caf\u00e9 \ud83d\ude00 ' \" \\ %") with { Suggestion = "a\0b\ud800" });

        var item = Assert.Single(await Store.ListReviewAsync(null, null, 0, 10, _none));
        Assert.Equal("caf\u00e9 \ud83d\ude00 ' \" \\ %", item.Text);
    }

    private static ReviewNote Said(string text) => new()
    {
        Reason = ReviewReason.Fallback,
        Utterance = new SpokenUtterance
        {
            Text = text,
            Language = "en",
            Turn = "",
            Rule = "fallback-below-threshold",
            Adapter = "local",
            Model = "m1",
            Candidates = [new SpokenCandidate("delivery", 0.31), new SpokenCandidate("refund", null)],
        },
    };

    private static ShadowAnswer Shadow(string conversation, string turn, string text) => new(
        "shop", conversation, turn, ReviewText.KeyOf(text), "rasa", "r1", ShadowOutcome.Differs, "delivery", true, "local", null, false, 12.5, 0.5, default);

    private async Task<(ReviewState State, string? Label, string? By)> JudgementAsync(long id)
    {
        var item = (await Store.FindReviewAsync(id, _none))!;
        return (item.State, item.Label, item.By);
    }

    private Task NotedAsync(string key, ReviewNote note, string conversation = Given.Conversation, long contact = 77) => NotedAsync(key, [note], conversation, contact);

    private async Task NotedAsync(string key, IReadOnlyList<ReviewNote> notes, string conversation = Given.Conversation, long contact = 77)
    {
        var appended = await Store.AppendAsync(Given.Event(key, conversation), _none);
        var turn = Given.Turn(appended.Sequence, key) with
        {
            State = Given.State(contact),
            Review = [.. notes.Select(n => n with { Utterance = n.Utterance with { Turn = key } })],
        };
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn, _none));
    }
}
