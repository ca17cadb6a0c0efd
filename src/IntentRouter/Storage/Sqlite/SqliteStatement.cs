using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntentRouter.Storage.Sqlite;

/// <summary>A prepared statement and the row it stands on. Disposing it makes it ready for its next run.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestOnStack = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _handle;

    /// <summary>Where <c>$1</c>, <c>$2</c>, … are bound: SQLite numbers them by their first appearance.</summary>
    private readonly List<int> _positions = [];

    private SqliteStatement(sqlite3 database, sqlite3_stmt handle)
    {
        _database = database;
        _handle = handle;
    }

    public static SqliteStatement Prepare(sqlite3 database, string sql)
    {
        Check(database, raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        return new SqliteStatement(database, handle);
    }

    public static void Check(sqlite3 database, int code) => SqliteException.ThrowExceptionForRC(code, database);

    public void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == _positions.Count)
            {
                _positions.Add(raw.sqlite3_bind_parameter_index(_handle, string.Create(CultureInfo.InvariantCulture, $"${i + 1}")));
            }

            Check(_database, Bind(_positions[i], values[i]));
        }
    }

    /// <summary>Goes to the next row, or to the end.</summary>
    public bool Read()
    {
        var code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        Check(_database, code);
        return false;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Long(int column) => raw.sqlite3_column_int64(_handle, column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public int Int(int column) => raw.sqlite3_column_int(_handle, column);

    public double Double(int column) => raw.sqlite3_column_double(_handle, column);

    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_handle, column).ToArray();

    public void Dispose()
    {
        // What it answers repeats the error of the run, which was thrown already.
        _ = raw.sqlite3_reset(_handle);
    }

    public void Close() => _handle.Dispose();

    private int Bind(int position, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_handle, position),
        "" => raw.sqlite3_bind_text(_handle, position, ""),
        string text => BindText(position, text),
        long number => raw.sqlite3_bind_int64(_handle, position, number),
        int number => raw.sqlite3_bind_int64(_handle, position, number),
        double number => raw.sqlite3_bind_double(_handle, position, number),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_handle, position, 0),
        byte[] bytes => raw.sqlite3_bind_blob(_handle, position, bytes),
        _ => throw new ArgumentException($"A value of type {value.GetType().Name} cannot be bound.", nameof(value)),
    };

    // The provider's own way makes an array of every text.
    private int BindText(int position, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > LongestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented is null ? stackalloc byte[LongestOnStack] : rented;
        var code = raw.sqlite3_bind_text(_handle, position, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }
}
