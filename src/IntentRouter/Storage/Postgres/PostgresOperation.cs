namespace IntentRouter.Storage.Postgres;

/// <summary>One call that waits for its batch.</summary>
internal abstract class PostgresOperation
{
    /// <summary>Operations with the same key do not share a batch.</summary>
    public abstract string Key { get; }

    /// <summary>Nobody waits for the result any more.</summary>
    public virtual bool Abandoned => false;

    public abstract void Fail(Exception exception);
}

internal abstract class PostgresOperation<T> : PostgresOperation
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _completion.Task;

    public void Complete(T result) => _completion.TrySetResult(result);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
