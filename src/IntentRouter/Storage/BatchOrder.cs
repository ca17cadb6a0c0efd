namespace IntentRouter.Storage;

/// <summary>
/// Events of one conversation that arrived so close together that they share a transaction have no order of receipt: the platform's message
/// ids decide (its deliveries run in parallel). Everything else stays where it is.
/// </summary>
internal static class BatchOrder
{
    public static void SettleTies<T>(List<T> batch, Func<T, NewEvent?> eventOf)
    {
        if (batch.Count < 2)
        {
            return;
        }

        var ties = batch
            .Select((item, index) => (Item: item, Index: index, Event: eventOf(item)))
            .Where(entry => entry.Event is { MessageId: > 0 })
            .GroupBy(entry => entry.Event!.Conversation, StringComparer.Ordinal)
            .Where(conversation => conversation.Skip(1).Any())
            .Select(conversation => conversation.ToList())
            .ToList();
        foreach (var tie in ties)
        {
            var sorted = tie.OrderBy(entry => entry.Event!.MessageId).ToList();
            for (var i = 0; i < tie.Count; i++)
            {
                batch[tie[i].Index] = sorted[i].Item;
            }
        }
    }
}
