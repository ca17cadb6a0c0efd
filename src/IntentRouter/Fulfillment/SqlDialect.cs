using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using IntentRouter.Configuration;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;
using NpgsqlTypes;
using SQLitePCL;

namespace IntentRouter.Fulfillment;

/// <summary>What differs from database to database. Thread-safe.</summary>
internal abstract class SqlDialect
{
    public static SqlDialect Of(string? provider) => provider switch
    {
        "sqlite" => new Sqlite(),
        "postgres" => new Postgres(),
        "mysql" => new MySql(),
        "sqlserver" => new SqlServer(),
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "No such database."),
    };

    /// <summary>A connection that is not open yet; pooled by its library.</summary>
    /// <param name="timeout">Seconds, at least 1, for what the library limits itself.</param>
    public abstract DbConnection Connect(string connection, bool readOnly, int timeout);

    /// <summary>Begins a transaction in which the engine itself refuses to write, where it knows such; null where it does not.</summary>
    public abstract Task<IAsyncDisposable?> BeginReadOnlyAsync(DbConnection connection, CancellationToken cancellationToken);

    public virtual void Add(DbCommand command, string name, string? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = DbType.String;
        parameter.Value = (object?)value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    /// <summary>Makes a running command stop when <paramref name="cancellationToken"/> fires, for engines that do not listen to it themselves.</summary>
    public virtual IDisposable? StopOn(DbConnection connection, CancellationToken cancellationToken) => null;

    public abstract SqlFault Classify(DbException exception);

    /// <summary>Whether a column's text is JSON.</summary>
    public virtual bool IsJson(string typeName) => string.Equals(typeName, "json", StringComparison.OrdinalIgnoreCase) || string.Equals(typeName, "jsonb", StringComparison.OrdinalIgnoreCase);

    private sealed class Sqlite : SqlDialect
    {
        public override DbConnection Connect(string connection, bool readOnly, int timeout) => new SqliteConnection(
            new SqliteConnectionStringBuilder(connection) { Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite, DefaultTimeout = timeout }.ToString());

        public override async Task<IAsyncDisposable?> BeginReadOnlyAsync(DbConnection connection, CancellationToken cancellationToken)
        {
            // The file is open for reading only; this also refuses writes to temporary and attached databases.
            await using var command = connection.CreateCommand();
            command.CommandText = "pragma query_only = 1";
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        // The library is synchronous below its asynchronous methods: nothing else ends a statement that computes.
        public override IDisposable StopOn(DbConnection connection, CancellationToken cancellationToken) =>
            cancellationToken.Register(static state => raw.sqlite3_interrupt(((SqliteConnection)state!).Handle), connection);

        public override SqlFault Classify(DbException exception) => ((SqliteException)exception).SqliteErrorCode switch
        {
            raw.SQLITE_INTERRUPT or raw.SQLITE_BUSY or raw.SQLITE_LOCKED => SqlFault.TimedOut,
            raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR => SqlFault.Unreachable,
            raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => SqlFault.Unreadable,
            raw.SQLITE_TOOBIG => SqlFault.TooLarge,
            raw.SQLITE_MISMATCH => SqlFault.NoSuchValue,
            _ => SqlFault.Refused,
        };
    }

    private sealed class Postgres : SqlDialect
    {
        public override DbConnection Connect(string connection, bool readOnly, int timeout) => new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connection) { Timeout = timeout, CommandTimeout = timeout, ApplicationName = "intent-router", IncludeErrorDetail = false }
                .WithoutPreferredKerberos().ToString());

        public override async Task<IAsyncDisposable?> BeginReadOnlyAsync(DbConnection connection, CancellationToken cancellationToken)
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using var command = connection.CreateCommand();
            command.CommandText = "set transaction read only";
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return transaction;
        }

        // The server knows the column's type, we do not.
        public override void Add(DbCommand command, string name, string? value) =>
            ((NpgsqlCommand)command).Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Unknown) { Value = (object?)value ?? DBNull.Value });

        public override SqlFault Classify(DbException exception) => exception switch
        {
            PostgresException { SqlState: "22P02" or "22003" or "22007" or "22008" or "22021" } => SqlFault.NoSuchValue,
            PostgresException { SqlState: "57014" or "55P03" or "25P03" or "57P05" } => SqlFault.TimedOut,
            PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "53300" } => SqlFault.Unreachable,
            PostgresException => SqlFault.Refused,
            { InnerException: TimeoutException } => SqlFault.TimedOut,
            _ => SqlFault.Unreachable,
        };
    }

    private sealed class MySql : SqlDialect
    {
        public override DbConnection Connect(string connection, bool readOnly, int timeout) => new MySqlConnection(
            new MySqlConnectionStringBuilder(connection)
            {
                ConnectionTimeout = (uint)timeout,
                DefaultCommandTimeout = (uint)timeout,
                // '@slot' is always a parameter, and a file of ours is never the server's to ask for.
                AllowUserVariables = false,
                AllowLoadLocalInfile = false,
                ApplicationName = "intent-router",
            }.ToString());

        public override async Task<IAsyncDisposable?> BeginReadOnlyAsync(DbConnection connection, CancellationToken cancellationToken) =>
            await ((MySqlConnection)connection).BeginTransactionAsync(IsolationLevel.Unspecified, isReadOnly: true, cancellationToken).ConfigureAwait(false);

        public override SqlFault Classify(DbException exception) => ((MySqlException)exception).ErrorCode switch
        {
            MySqlErrorCode.CommandTimeoutExpired or MySqlErrorCode.QueryInterrupted or MySqlErrorCode.QueryTimeout or MySqlErrorCode.LockWaitTimeout => SqlFault.TimedOut,
            MySqlErrorCode.TruncatedWrongValue or MySqlErrorCode.WrongValue or MySqlErrorCode.DataOutOfRange => SqlFault.NoSuchValue,
            // A sign that the column's character set does not have, said in four ways.
            (MySqlErrorCode)1267 or (MySqlErrorCode)1270 or (MySqlErrorCode)1271 or (MySqlErrorCode)1366 => SqlFault.NoSuchValue,
            MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.ConnectionCountError or MySqlErrorCode.ServerShutdown => SqlFault.Unreachable,
            _ when exception.InnerException is IOException or SocketException => SqlFault.Unreachable,
            _ => SqlFault.Refused,
        };
    }

    private sealed class SqlServer : SqlDialect
    {
        private const int LongestText = 4000;

        public override DbConnection Connect(string connection, bool readOnly, int timeout)
        {
            var settings = new SqlConnectionStringBuilder(connection) { ConnectTimeout = timeout, CommandTimeout = timeout, ApplicationName = "intent-router", ConnectRetryCount = 0 };
            // A mirrored database cannot be asked this way, and what the operator wrote counts.
            if (readOnly && !settings.ShouldSerialize("ApplicationIntent") && string.IsNullOrEmpty(settings.FailoverPartner))
            {
                settings.ApplicationIntent = ApplicationIntent.ReadOnly;
            }

            return new SqlConnection(settings.ToString());
        }

        // SQL Server has no read-only transaction: the text is one SELECT, and the transaction is rolled back whatever it did.
        public override async Task<IAsyncDisposable?> BeginReadOnlyAsync(DbConnection connection, CancellationToken cancellationToken) =>
            await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);

        // One length for all values: with each value's own the server would keep a plan for every length.
        public override void Add(DbCommand command, string name, string? value) => ((SqlCommand)command).Parameters.Add(
            new SqlParameter(name, SqlDbType.NVarChar, value?.Length > LongestText ? -1 : LongestText) { Value = (object?)value ?? DBNull.Value });

        public override SqlFault Classify(DbException exception) => exception is SqlException sqlServer ? Classify(sqlServer.Number, sqlServer.Class) : SqlFault.Refused;
    }

    /// <summary>What an error of SQL Server means.</summary>
    /// <param name="severity">From 20 on the connection is gone.</param>
    public static SqlFault Classify(int number, byte severity) => number switch
    {
        // Waiting for a lock, or chosen as a deadlock's victim.
        -2 or 1205 or 1222 => SqlFault.TimedOut,
        // Text that is no number, date, amount or identifier, or a number that is too large.
        220 or 235 or 241 or 242 or 244 or 245 or 248 or 295 or 296 or 8114 or 8115 or 8169 => SqlFault.NoSuchValue,
        // No answer; a replica that cannot be read; what Azure says while it moves or slows down a database.
        -1 or 0 or 2 or 53 or 64 or 121 or 233 or 258 or 976 or 978 or 983 or 10053 or 10054 or 10060 or 10061 or 10928 or 10929 or 11001
            or 40197 or 40501 or 40613 or 49918 or 49919 or 49920 => SqlFault.Unreachable,
        _ => severity >= 20 ? SqlFault.Unreachable : SqlFault.Refused,
    };

    /// <summary>Whole seconds for libraries that know only those; the exact limit is ours.</summary>
    public static int Seconds(TimeSpan timeout) => int.Max(1, (int)Math.Ceiling(timeout.TotalSeconds) + 1);

    /// <summary>An error's number or state: its text may repeat a customer's value.</summary>
    public static string CodeOf(DbException exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode.ToString(CultureInfo.InvariantCulture),
        SqlException sqlServer => sqlServer.Number.ToString(CultureInfo.InvariantCulture),
        MySqlException mySql => mySql.ErrorCode.ToString(),
        _ => exception.SqlState ?? exception.InnerException?.GetType().Name ?? "none",
    };
}

/// <summary>What an engine's error means.</summary>
internal enum SqlFault
{
    Refused,
    TimedOut,
    Unreachable,
    Unreadable,
    TooLarge,

    /// <summary>The value cannot be of the column's type, so no row has it.</summary>
    NoSuchValue,
}
