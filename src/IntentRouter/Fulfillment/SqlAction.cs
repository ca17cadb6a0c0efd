using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>One statement in a transaction of its own: until the commit is sent, whatever goes wrong has certainly changed nothing.</summary>
internal sealed partial class SqlAction(string name, ActionOptions options, TimeProvider clock, ILogger logger) : IAction
{
    private readonly SqlDialect _dialect = SqlDialect.Of(options.Provider);
    private readonly SqlText _statement = SqlText.Write(options.Statement ?? "", options.Provider);

    public async Task<ActionOutcome> RunAsync(ActionCall call, CancellationToken cancellationToken)
    {
        if (_statement.Problem is not null || string.IsNullOrEmpty(options.Connection))
        {
            return new ActionOutcome.Failed(LookupFailure.NotConfigured);
        }

        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var isCommitting = false;
        try
        {
            await using var connection = _dialect.Connect(options.Connection, readOnly: false, SqlDialect.Seconds(options.Timeout));
            await connection.OpenAsync(both.Token).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(both.Token).ConfigureAwait(false);
            var result = await ExecuteAsync(connection, transaction, call, both.Token).ConfigureAwait(false);
            if (result is null)
            {
                // Nothing matched: a booking that is not there cannot be cancelled.
                LogNothingChanged(name);
                return new ActionOutcome.Failed(LookupFailure.Refused);
            }

            both.Token.ThrowIfCancellationRequested();
            isCommitting = true;
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            return new ActionOutcome.Done(result);
        }
        catch (DbException ex)
        {
            var fault = _dialect.Classify(ex);
            LogFailed(name, fault, SqlDialect.CodeOf(ex), isCommitting);
            var reason = limit.IsCancellationRequested ? LookupFailure.TimedOut : SqlFaults.ToFailure(fault);
            return isCommitting ? new ActionOutcome.InDoubt(reason) : new ActionOutcome.Failed(reason);
        }
        catch (InvalidOperationException) when (!isCommitting)
        {
            // SQL Server's library says so when its pool is used up or the connection is already gone.
            LogFailed(name, SqlFault.Unreachable, "no connection", isCommitting);
            return new ActionOutcome.Failed(LookupFailure.Unreachable);
        }
        catch (OperationCanceledException)
        {
            return new ActionOutcome.Failed(LookupFailure.TimedOut);
        }
    }

    private async Task<JsonObject?> ExecuteAsync(DbConnection connection, DbTransaction transaction, ActionCall call, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = _statement.Text;
        SqlParameters.Add(_dialect, command, _statement.Parameters, call.Arguments, parameter => parameter switch
        {
            "contact_id" => call.ContactId.ToString(CultureInfo.InvariantCulture),
            "account_id" => call.Account.ToString(CultureInfo.InvariantCulture),
            SqlParameters.IdempotencyKey => call.IdempotencyKey,
            _ => null,
        });
        using var stop = _dialect.StopOn(connection, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = await SqlRows.ReadAsync(reader, _dialect, maxRows: 1, options.MaxSize, cancellationToken).ConfigureAwait(false);
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        await reader.CloseAsync().ConfigureAwait(false);
        // -1 is what engines say of statements that count nothing, such as procedures.
        return rows is [var row] ? row : reader.RecordsAffected == 0 ? null : new JsonObject { ["affected"] = int.Max(0, reader.RecordsAffected) };
    }

    [LoggerMessage(5012, LogLevel.Warning, "Action {Action}: the database answered with an error ({Fault}, code {Code}; while committing: {IsCommitting})")]
    private partial void LogFailed(string action, SqlFault fault, string code, bool isCommitting);

    [LoggerMessage(5013, LogLevel.Information, "Action {Action} changed no row and was rolled back")]
    private partial void LogNothingChanged(string action);
}
