using System.Data.Common;
using System.Globalization;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>One SELECT with parameters, in a transaction that cannot write, within bounds of time, rows and size.</summary>
internal sealed partial class SqlLookup(string name, LookupOptions options, TimeProvider clock, ILogger logger) : ILookup
{
    private readonly SqlDialect _dialect = SqlDialect.Of(options.Provider);
    private readonly SqlText _query = SqlText.Read(options.Query ?? "", options.Provider);

    public async Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken)
    {
        // Also refused at start; this is the last door.
        if (_query.Problem is not null || string.IsNullOrEmpty(options.Connection))
        {
            return new LookupOutcome.Failed(LookupFailure.NotConfigured);
        }

        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ReadAsync(call, both.Token).ConfigureAwait(false);
        }
        catch (DbException ex)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
            {
                return new LookupOutcome.Failed(LookupFailure.TimedOut);
            }

            return Failed(ex);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new LookupOutcome.Failed(LookupFailure.TimedOut);
        }
    }

    private async Task<LookupOutcome> ReadAsync(LookupCall call, CancellationToken cancellationToken)
    {
        await using var connection = _dialect.Connect(options.Connection!, readOnly: true, SqlDialect.Seconds(options.Timeout));
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await _dialect.BeginReadOnlyAsync(connection, cancellationToken).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction as DbTransaction;
        command.CommandText = _query.Text;
        SqlParameters.Add(_dialect, command, _query.Parameters, call.Slots, parameter => parameter switch
        {
            "contact_id" => call.ContactId.ToString(CultureInfo.InvariantCulture),
            "account_id" => call.Account.ToString(CultureInfo.InvariantCulture),
            "language" => call.Language,
            _ => null,
        });
        using var stop = _dialect.StopOn(connection, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = await SqlRows.ReadAsync(reader, _dialect, options.MaxRows, options.MaxSize, cancellationToken).ConfigureAwait(false);
        return rows switch
        {
            null => new LookupOutcome.Failed(LookupFailure.TooLarge),
            [] => new LookupOutcome.NotFound(),
            _ => new LookupOutcome.Found(rows),
        };
    }

    private LookupOutcome Failed(DbException exception)
    {
        var fault = _dialect.Classify(exception);
        if (fault == SqlFault.NoSuchValue)
        {
            return new LookupOutcome.NotFound();
        }

        LogRefused(name, fault, SqlDialect.CodeOf(exception));
        return new LookupOutcome.Failed(SqlFaults.ToFailure(fault));
    }

    [LoggerMessage(5002, LogLevel.Warning, "Lookup {Lookup}: the database answered with an error ({Fault}, code {Code})")]
    private partial void LogRefused(string lookup, SqlFault fault, string code);
}
