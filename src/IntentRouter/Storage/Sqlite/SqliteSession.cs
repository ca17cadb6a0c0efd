using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntentRouter.Storage.Sqlite;

/// <summary>
/// One connection with its prepared statements. Used by one thread. It goes below the provider's commands, which look every parameter up by its name
/// at every call: on the way of an event that costs as much as the database's own work.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    // Every statement is a literal, so its reference is its identity.
    private readonly Dictionary<string, SqliteStatement> _prepared = new(ReferenceEqualityComparer.Instance);

    private readonly SqliteConnection _connection;

    public SqliteSession(SqliteConnection connection)
    {
        _connection = connection;
        SqliteStatement.Check(connection.Handle!, raw.sqlite3_busy_timeout(connection.Handle, connection.DefaultTimeout * 1_000));
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Runs a statement whose parameters are <c>$1</c>, <c>$2</c>, …; returns the rows it changed.</summary>
    public int Change(string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = Bind(sql, values);
        while (statement.Read())
        {
            // A pragma answers with a row; nobody asked for it.
        }

        return raw.sqlite3_changes(_connection.Handle);
    }

    /// <summary>
    /// The number of the row that an insert made; null when it made none. Not by <c>returning</c>, for which SQLite sets up a table in memory at every run: that takes
    /// longer than the insert.
    /// </summary>
    public long? Insert(string sql, params ReadOnlySpan<object?> values) => Change(sql, values) > 0 ? raw.sqlite3_last_insert_rowid(_connection.Handle) : null;

    /// <summary>The first column of the first row as a number; null without a row.</summary>
    public long? Number(string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = Bind(sql, values);
        return statement.Read() && !statement.IsNull(0) ? statement.Long(0) : null;
    }

    /// <summary>The first column of the first row as the bytes of its text; null without a row.</summary>
    public byte[]? Bytes(string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = Bind(sql, values);
        return statement.Read() ? statement.Bytes(0) : null;
    }

    public bool Exists(string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = Bind(sql, values);
        return statement.Read();
    }

    /// <summary>The rows of a statement; to be disposed before it runs again.</summary>
    public SqliteStatement Read(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values);

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Close();
        }

        _connection.Dispose();
    }

    private SqliteStatement Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var statement))
        {
            statement = SqliteStatement.Prepare(_connection.Handle!, sql);
            _prepared.Add(sql, statement);
        }

        statement.Bind(values);
        return statement;
    }
}
