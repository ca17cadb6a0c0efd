using IntentRouter.Inbox;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Tests.Inbox;

public sealed class SendSlotsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Where_sends_take_long_or_are_not_known_yet_nothing_goes_on_record_without_a_connection()
    {
        using var slots = new SendSlots(2, _clock);
        var (first, second) = (slots.TryTake(), slots.TryTake());
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(slots.TryTake());
        var waits = slots.TakeAsync(CancellationToken.None);
        Assert.False(waits.IsCompleted);

        first.Dispose();
        using var third = await waits;
        Assert.True(third.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
        second.Dispose();
    }

    [Fact]
    public async Task Where_sends_are_quick_three_for_each_connection_go_on_record_before_they_have_one()
    {
        using var slots = new SendSlots(1, _clock);
        await SendAsync(slots, TimeSpan.FromMilliseconds(5));

        var ahead = new List<SendSlots.Place>();
        while (slots.TryTake() is { } place)
        {
            ahead.Add(place);
        }

        Assert.Equal(3, ahead.Count);
        var line = slots.TakeAsync(CancellationToken.None);
        Assert.False(line.IsCompleted);

        // One connection: one send at a time, and each that gets it makes room for one on record.
        await ahead[0].EnterAsync(CancellationToken.None);
        ahead.Add(await line);
        var second = ahead[1].EnterAsync(CancellationToken.None);
        Assert.False(second.IsCompleted);
        ahead[0].Dispose();
        await second;

        ahead.RemoveAt(0);
        ahead.ForEach(place => place.Dispose());
    }

    [Fact]
    public async Task Sends_that_become_slow_end_the_going_ahead()
    {
        using var slots = new SendSlots(1, _clock);
        await SendAsync(slots, TimeSpan.FromMilliseconds(5));
        await SendAsync(slots, TimeSpan.FromSeconds(1));

        using var only = slots.TryTake();
        Assert.NotNull(only);
        Assert.Null(slots.TryTake());
    }

    [Fact]
    public async Task A_place_comes_back_wherever_it_was_given_up()
    {
        using var slots = new SendSlots(1, _clock);
        await SendAsync(slots, TimeSpan.FromMilliseconds(5));
        using var stop = new CancellationTokenSource();
        var holder = slots.TryTake()!;
        var waiting = slots.TryTake()!;
        await holder.EnterAsync(CancellationToken.None);
        var waits = waiting.EnterAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        waiting.Dispose();
        holder.Dispose();

        Assert.Equal(3, Enumerable.Range(0, 5).Count(_ => slots.TryTake() is not null));
    }

    private async Task SendAsync(SendSlots slots, TimeSpan time)
    {
        for (var i = 0; i < 40; i++)
        {
            using var place = slots.TryTake()!;
            await place.EnterAsync(CancellationToken.None);
            _clock.Advance(time);
        }
    }
}
