using Microsoft.Data.Sqlite;

namespace IntentRouter.ServiceTests.Takeover;

/// <summary>A conversation is taken away from a turn that is under way.</summary>
public sealed class LostClaimTests
{
    [Fact]
    public async Task A_plugin_that_throws_when_it_is_cancelled_ends_neither_the_service_nor_the_conversation()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var first = true;
        app.Script.Before = async (utterance, token) =>
        {
            if (!first)
            {
                return;
            }

            first = false;
            // Not disposed: it must still be there when the wait below has ended.
            _ = token.UnsafeRegister(_ => throw new InvalidOperationException("a plugin's own"), null);
            // As if the lease had run out: the next look takes the conversation over.
            using (var connection = new SqliteConnection($"Data Source={Path.Combine(app.Directory, "intent-router.db")};Pooling=False"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "update lease set until = 0";
                command.ExecuteNonQuery();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };

        var replies = await app.SayAsync(app.NewCustomer("priya@example.com"), "Where is my order 10427?");

        Assert.Equal("Order 10427 is in transit.", Assert.Single(replies));
        Assert.Equal(2, app.Script.Heard.Count);
        var again = app.NewCustomer("priya@example.com");
        Assert.Single(await app.SayAsync(again, "Where is my order 10427?"));
    }
}
