namespace IntentRouter.Diagnostics;

/// <summary>
/// What may be logged of an exception from code that has a customer's words in hand: types and stack, no messages, since a message may quote what it
/// stumbled over.
/// </summary>
internal sealed class UnquotedException(Exception exception) : Exception(exception.GetType().FullName)
{
    /// <inheritdoc/>
    public override string? StackTrace => exception.StackTrace;

    /// <inheritdoc/>
    public override string ToString()
    {
        var lines = new List<string>();
        for (var current = exception; current is not null; current = current.InnerException)
        {
            lines.Add($"{(lines.Count == 0 ? "" : "---> ")}{current.GetType().FullName}");
            if (current.StackTrace is { } stack)
            {
                lines.Add(stack);
            }
        }

        return string.Join(Environment.NewLine, lines);
    }
}
