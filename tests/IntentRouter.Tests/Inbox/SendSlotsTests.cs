using IntentRouter.Inbox;

namespace IntentRouter.Tests.Inbox;

public sealed class SendSlotsTests
{
    [Fact]
    public async Task What_waits_for_its_commit_takes_no_connection_from_others()
    {
        using var slots = new SendSlots(1);
        using var early = slots.TryTake();
        using var late = slots.TryTake();

        var entered = late!.EnterAsync(CancellationToken.None);
        Assert.True(entered.IsCompletedSuccessfully);
        await entered;
        Assert.NotNull(early);
    }

    [Fact]
    public async Task One_connection_is_one_send_at_a_time()
    {
        using var slots = new SendSlots(1);
        using var second = slots.TryTake();
        Task waits;
        using (var first = slots.TryTake())
        {
            await first!.EnterAsync(CancellationToken.None);
            waits = second!.EnterAsync(CancellationToken.None);
            Assert.False(waits.IsCompleted);
        }

        await waits;
    }

    [Fact]
    public async Task Nothing_goes_on_record_while_all_connections_are_taken()
    {
        using var slots = new SendSlots(2);
        Task<SendSlots.Place> waits;
        using (var first = slots.TryTake())
        using (var second = slots.TryTake())
        {
            await first!.EnterAsync(CancellationToken.None);
            await second!.EnterAsync(CancellationToken.None);

            Assert.Null(slots.TryTake());
            waits = slots.TakeAsync(CancellationToken.None);
            Assert.False(waits.IsCompleted);
        }

        using var third = await waits;
        Assert.True(third.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_on_record_without_a_connection_is_bounded_and_its_place_comes_back()
    {
        using var slots = new SendSlots(1);
        var taken = new List<SendSlots.Place>();
        while (slots.TryTake() is { } place)
        {
            taken.Add(place);
        }

        // Three ahead, and one that took the connection itself.
        Assert.Equal(4, taken.Count);
        taken.ForEach(place => place.Dispose());
        using var again = slots.TryTake();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_wait_that_is_given_up_keeps_its_place_until_it_is_disposed()
    {
        using var slots = new SendSlots(1);
        using var stop = new CancellationTokenSource();
        var holder = slots.TryTake()!;
        var waiting = slots.TryTake()!;
        await holder.EnterAsync(CancellationToken.None);
        var waits = waiting.EnterAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);

        waiting.Dispose();
        holder.Dispose();
        Assert.Equal(4, Enumerable.Range(0, 5).Count(_ => slots.TryTake() is not null));
    }
}
