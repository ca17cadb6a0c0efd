using System.Data.Common;
using IntentRouter.Decisions;
using IntentRouter.Nlu;
using IntentRouter.Review;

namespace IntentRouter.Storage;

/// <content>The queue of utterances that people review, what was learned from it, and the answers of shadows.</content>
internal abstract partial class RelationalEventStore
{
    /// <summary>More would outweigh what the owner wrote, and take too long to train.</summary>
    private const int MostLearned = 5_000;

    private const string ReviewColumns =
        "id, bot, text, language, adapter, model, candidates, reason, rule, suggestion, conversation, turn, count, takeovers, first_at, last_at, state, label, judged_by, judged_at";

    public Task<IReadOnlyList<ReviewItem>> ListReviewAsync(string? bot, ReviewState? state, int skip, int max, CancellationToken cancellationToken)
    {
        List<(string, object?)> parameters = [("skip", skip), ("max", max)];
        var where = "1 = 1";
        if (bot is not null)
        {
            where += " and bot = @bot";
            parameters.Add(("bot", bot));
        }

        if (state is { } wanted)
        {
            where += " and state = @state";
            parameters.Add(("state", (int)wanted));
        }

        return ReadAsync<IReadOnlyList<ReviewItem>>(
            async connection => await AllAsync(
                connection, $"select {ReviewColumns} from review_item where {where} order by count desc, last_at desc, id desc limit @max offset @skip", Review, [.. parameters]),
            cancellationToken);
    }

    public Task<ReviewItem?> FindReviewAsync(long id, CancellationToken cancellationToken) =>
        ReadAsync(connection => FirstAsync(connection, $"select {ReviewColumns} from review_item where id = @id", row => (ReviewItem?)Review(row), ("id", id)), cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> CountOpenReviewAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<string, long>>(
            async connection => (await AllAsync(
                connection, "select bot, count(*) from review_item where state = 0 group by bot", row => (Bot: row.GetString(0), Count: row.GetInt64(1))))
                .ToDictionary(pair => pair.Bot, pair => pair.Count, StringComparer.Ordinal),
            cancellationToken);

    public Task<bool> JudgeReviewAsync(long id, ReviewState state, string? label, string by, CancellationToken cancellationToken) =>
        WriteAsync(
            async connection => await ChangeAsync(
                connection,
                "update review_item set state = @state, label = @label, judged_by = @by, judged_at = @now where id = @id",
                ("state", (int)state),
                ("label", Bounded(state == ReviewState.Labelled ? label ?? throw new ArgumentNullException(nameof(label)) : null)),
                ("by", Bounded(by)),
                ("id", id)) > 0,
            cancellationToken);

    public Task<IReadOnlyList<LearnedUtterance>> ReadLearnedAsync(string bot, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<LearnedUtterance>>(
            async connection => await AllAsync(
                connection,
                $"""
                select text, coalesce(label, '{ReviewPolicy.OutOfScope}'), language, adapter, state from (
                  select * from review_item where bot = @bot and (state = 1 or (state = 0 and takeovers > 0)) order by last_at desc, id desc limit @max) latest
                order by text_key
                """,
                row => new LearnedUtterance(row.GetString(0), row.GetString(1), row.GetString(2), Text(row, 3), row.GetInt32(4) == 0),
                ("bot", bot),
                ("max", MostLearned)),
            cancellationToken);

    public Task AddShadowAsync(ShadowAnswer answer, CancellationToken cancellationToken) =>
        WriteAsync(
            connection => ChangeAsync(
                connection,
                """
                insert into shadow_answer (conversation, turn, adapter, bot, text_key, model, outcome, intent, answered, live_adapter, live_intent, live_answered, milliseconds, live_milliseconds, at)
                values (@conversation, @turn, @adapter, @bot, @text_key, @model, @outcome, @intent, @answered, @live_adapter, @live_intent, @live_answered, @milliseconds, @live_milliseconds, @now)
                on conflict (conversation, turn, adapter) do update set model = excluded.model, outcome = excluded.outcome, intent = excluded.intent, answered = excluded.answered,
                  live_adapter = excluded.live_adapter, live_intent = excluded.live_intent, live_answered = excluded.live_answered,
                  milliseconds = excluded.milliseconds, live_milliseconds = excluded.live_milliseconds
                """,
                ("conversation", answer.Conversation),
                ("turn", answer.Turn),
                ("adapter", answer.Adapter),
                ("bot", answer.Bot),
                ("text_key", answer.TextKey),
                ("model", Bounded(answer.Model)),
                ("outcome", Kebab.Of(answer.Outcome)),
                ("intent", Bounded(answer.Intent)),
                ("answered", answer.Answered ? 1 : 0),
                ("live_adapter", answer.LiveAdapter),
                ("live_intent", Bounded(answer.LiveIntent)),
                ("live_answered", answer.LiveAnswered ? 1 : 0),
                ("milliseconds", answer.Milliseconds),
                ("live_milliseconds", answer.LiveMilliseconds)),
            cancellationToken);

    // What was said after the label may have been learned from it by then: it says nothing about who understands better.
    public Task<IReadOnlyList<JudgedShadow>> ReadShadowsAsync(string? bot, DateTimeOffset since, int max, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<JudgedShadow>>(
            async connection => await AllAsync(
                connection,
                $"""
                select s.bot, s.conversation, s.turn, s.text_key, s.adapter, s.model, s.outcome, s.intent, s.answered, s.live_adapter, s.live_intent, s.live_answered,
                  s.milliseconds, s.live_milliseconds, s.at,
                  case when r.state = 1 and s.at <= r.judged_at then r.label when r.state = 0 and r.suggestion is not null then r.suggestion
                    when r.state = 0 and r.takeovers > 0 then '{ReviewPolicy.OutOfScope}' end
                from shadow_answer s left join review_item r on r.bot = s.bot and r.text_key = s.text_key
                where s.at >= @since {(bot is null ? "" : "and s.bot = @bot")}
                order by s.position desc limit @max
                """,
                row => new JudgedShadow(
                    new ShadowAnswer(
                        row.GetString(0),
                        row.GetString(1),
                        row.GetString(2),
                        row.GetString(3),
                        row.GetString(4),
                        Text(row, 5),
                        Enumerated<ShadowOutcome>(row.GetString(6)),
                        Text(row, 7),
                        row.GetInt32(8) != 0,
                        Text(row, 9),
                        Text(row, 10),
                        row.GetInt32(11) != 0,
                        row.GetDouble(12),
                        row.GetDouble(13),
                        Time(row.GetInt64(14))),
                    Text(row, 15)),
                bot is null ? [("since", since.ToUnixTimeMilliseconds()), ("max", max)] : [("since", since.ToUnixTimeMilliseconds()), ("max", max), ("bot", bot)]),
            cancellationToken);

    /// <summary>An utterance that somebody else said, too, stays; what was said by nobody else goes, whatever people made of it.</summary>
    private async Task EraseReviewAsync(DbConnection connection, long account, long contact, IReadOnlyList<string> conversations)
    {
        var touched = new HashSet<long>();
        foreach (var conversation in conversations)
        {
            touched.UnionWith(await AllAsync(connection, "delete from review_sighting where conversation = @conversation returning item", row => row.GetInt64(0), ("conversation", conversation)));
        }

        touched.UnionWith(await AllAsync(
            connection, "delete from review_sighting where account = @account and contact_id = @contact returning item", row => row.GetInt64(0), ("account", account), ("contact", contact)));
        foreach (var item in touched.Order())
        {
            var other = await FirstAsync(
                connection,
                "select conversation, turn from review_sighting where item = @item order by at desc limit 1",
                row => (Conversation: row.GetString(0), Turn: row.GetString(1)),
                ("item", item));
            _ = other.Conversation is null
                ? await ChangeAsync(connection, "delete from review_item where id = @item", ("item", item))
                : await ChangeAsync(
                    connection,
                    "update review_item set conversation = @conversation, turn = @turn where id = @item",
                    ("conversation", other.Conversation),
                    ("turn", other.Turn),
                    ("item", item));
        }
    }

    private static ReviewItem Review(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        Text(row, 4),
        Text(row, 5),
        StoreJson.ReadCandidates(row.GetString(6)),
        Enumerated<ReviewReason>(row.GetString(7)),
        row.GetString(8),
        Text(row, 9),
        row.GetString(10),
        row.GetString(11),
        Math.Max(1, row.GetInt64(12)),
        row.GetInt64(13),
        Time(row.GetInt64(14)),
        Time(row.GetInt64(15)),
        (ReviewState)row.GetInt32(16),
        Text(row, 17),
        Text(row, 18),
        row.IsDBNull(19) ? null : Time(row.GetInt64(19)));

    // A later version may know more words.
    private static T Enumerated<T>(string word)
        where T : struct, Enum => Kebab.TryParse<T>(word, out var known) ? known : default;
}
