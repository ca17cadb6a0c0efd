namespace IntentRouter.CrashTests;

/// <summary>Kills replicas under load, at random moments or at named steps.</summary>
internal static class KillRun
{
    /// <summary>Every step at which the service's code lets itself be killed.</summary>
    public static readonly IReadOnlyList<string> Steps =
        ["before-commit", "after-commit", "appended", "loaded", "before-decide", "after-decide", "before-send", "after-send", "after-done", "released"];

    /// <summary>SIGKILL at random moments, one replica after the other.</summary>
    public static async Task<Outcome> RandomAsync(Fleet fleet, int kills, int customers, Action<int, Func<Outcome>>? progress = null)
    {
        var traffic = new Traffic(fleet, customers);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        for (var kill = 0; kill < kills; kill++)
        {
#pragma warning disable CA5394 // Chaos, not a secret.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(200, 2_000)), TimeProvider.System);
#pragma warning restore CA5394
            await fleet.KillAndRestartAsync(fleet.Replicas[kill % fleet.Replicas.Count]);
            progress?.Invoke(kill + 1, traffic.Count);
        }

        await stop.CancelAsync();
        await talk;
        return await traffic.SettleAsync();
    }

    /// <summary>Each start of a replica ends at the next named step; others carry on.</summary>
    public static async Task<(Outcome Outcome, IReadOnlyList<string> Reached)> AtStepsAsync(Fleet fleet, IReadOnlyList<string> steps, int customers)
    {
        var traffic = new Traffic(fleet, customers);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        var reached = new List<string>();
        foreach (var step in steps)
        {
            var replica = fleet.Replicas[reached.Count % fleet.Replicas.Count];
            await fleet.KillAndRestartAsync(replica, $"{step}:3");
            await replica.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
            reached.Add(step);
            fleet.Gate.Close(replica.Url);
            await fleet.StartAsync(replica);

            // A crash, not a crash loop: some work gets done in between.
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }

        await stop.CancelAsync();
        await talk;
        return (await traffic.SettleAsync(), reached);
    }
}
