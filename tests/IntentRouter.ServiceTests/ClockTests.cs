using IntentRouter.ServiceTests.Sweep;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests;

public sealed class ClockTests
{
    private const string Question = "Where is my order 10427?";

    [Theory]
    [InlineData(26)]
    [InlineData(-26)]
    public async Task The_machines_clock_may_jump_in_the_middle_of_a_turn(int hours)
    {
        var clock = new ShiftedTime();
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { Adjust = builder => builder.Services.AddSingleton<TimeProvider>(clock) });
        app.Script.Knows(Question, "order_status");
        app.Script.Before = (_, _) =>
        {
            clock.Shift += TimeSpan.FromHours(hours);
            return Task.CompletedTask;
        };
        var customer = app.NewCustomer("priya@example.com");

        for (var turn = 0; turn < 3; turn++)
        {
            Assert.Equal(["Order 10427 is in transit."], await app.SayAsync(customer, Question));
        }

        Assert.Equal(3, app.Script.Heard.Count);
        Assert.Empty(await app.Store.ListParkedAsync(10, CancellationToken.None));
    }
}
