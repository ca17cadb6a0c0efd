using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntentRouter.Tests.Injection;

/// <summary>Slots in the statements of lookups and actions on SQLite; the servers' are in StoreTests.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sql-");

    public StatementTests() => Execute("create table orders (number text, email text); insert into orders values ('10427', 'priya@example.com'); create table words (word text)");

    private string Connection => $"Data Source={Path.Combine(_directory.FullName, "orders.db")};Pooling=False";

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Hostile.All), MemberType = typeof(Hostile))]
    public async Task A_value_is_a_value(string word)
    {
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync("select number from orders where number = @word or email = @word", word));
        Assert.IsType<ActionOutcome.Done>(await RunAsync("insert into words (word) values (@word)", word));
        var found = Assert.IsType<LookupOutcome.Found>(await FindAsync("select word from words where word = @word", word));
        Assert.Equal(word, found.Rows[0]["word"]!.GetValue<string>());
        Assert.IsType<ActionOutcome.Failed>(await RunAsync("delete from orders where number = @word or email = @word", word));
        Assert.Equal(1L, Execute("select count(*) from orders"));
    }

    private Task<LookupOutcome> FindAsync(string query, string word) =>
        new SqlLookup("it", new LookupOptions { Kind = "sql", Provider = "sqlite", Connection = Connection, Query = query, Timeout = TimeSpan.FromMinutes(2) }, TimeProvider.System, NullLogger.Instance)
            .FindAsync(new LookupCall(new Dictionary<string, string> { ["word"] = word }, "shop", 3, 17, "en"), CancellationToken.None);

    private Task<ActionOutcome> RunAsync(string statement, string word) =>
        new SqlAction("it", new ActionOptions { Kind = "sql", Provider = "sqlite", Connection = Connection, Statement = statement, Timeout = TimeSpan.FromMinutes(2) }, TimeProvider.System, NullLogger.Instance)
            .RunAsync(new ActionCall(new Dictionary<string, string> { ["word"] = word }, "key-1", "shop", 3, 17), CancellationToken.None);

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection(Connection);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
