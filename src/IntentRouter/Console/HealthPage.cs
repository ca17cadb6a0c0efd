using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Console;

/// <summary>Whether everything works: adapters, store, inbox, parked events, configuration.</summary>
internal static class HealthPage
{
    private const int MostParked = 50;

    public static async Task<IResult> ShowAsync(
        IEventStore store, AdapterCatalog adapters, ConversationRunners runners, Readiness readiness, ILiveConfiguration live, CancellationToken cancellationToken)
    {
        var ready = await readiness.CheckAsync(cancellationToken);
        var reachable = !ready.Reasons.Contains("store");
        var statistics = reachable ? await store.StatisticsAsync(cancellationToken) : null;
        var parked = reachable ? await store.ListParkedAsync(MostParked, cancellationToken) : [];
        var configuration = live.Current;
        return ConsolePage.Show("Health", "/health", Html.Of($"""
            <p>{(ready.Reasons.Count == 0 ? Html.Of($"<span class=\"good\">Ready.</span>") : Html.Of($"<span class=\"bad\">Not ready: {string.Join(", ", ready.Reasons)}.</span>"))} Version {TelemetrySetup.ThisVersion}.</p>
            <h2>Adapters</h2>
            <div class="scroll"><table>
            <thead><tr><th scope="col">Adapter</th><th scope="col">Type</th><th scope="col">State</th><th scope="col">Model</th><th scope="col">Last known</th><th scope="col">Detail</th></tr></thead>
            <tbody>{adapters.States.OrderBy(s => s.Name, StringComparer.Ordinal).Select(Adapter)}</tbody></table></div>
            <h2>Store and inbox</h2>
            {(statistics is null ? Html.Of($"<p class=\"bad\">The store does not answer.</p>") : Html.Of($"""
            <div class="scroll"><table><tbody>
            <tr><th scope="row">Store</th><td>{configuration.Options.Store.Provider}, {(statistics.Size / 1024.0 / 1024.0).ToString("0.0", CultureInfo.InvariantCulture)} MB</td></tr>
            <tr><th scope="row">Events waiting</th><td>{statistics.Open}, the oldest for {statistics.OldestOpen.TotalSeconds:0} s</td></tr>
            <tr><th scope="row">Effects waiting</th><td>{statistics.EffectsOpen}, in doubt and given up {statistics.EffectsUndecided}</td></tr>
            <tr><th scope="row">Conversations being worked on</th><td>{statistics.ActiveLeases}, here {runners.Live}{(runners.Draining ? ", draining" : "")}</td></tr>
            </tbody></table></div>
            """))}
            <h2>Parked events</h2>
            {(parked.Count == 0 ? Html.Of($"<p>None.</p>") : Html.Of($"""
            <p>Events that could not be handled. <code>intent-router inbox retry</code> puts one back, <code>drop</code> ends it.</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col" class="n">Number</th><th scope="col">Received</th><th scope="col">Conversation</th><th scope="col">Kind</th><th scope="col" class="n">Attempts</th><th scope="col">Reason</th></tr></thead>
            <tbody>{parked.Select(p => Html.Of($"<tr><td class=\"n\">{p.Sequence}</td><td>{ConsolePage.Time(p.ReceivedAt)}</td><td>{ConsolePage.Conversation(p.Conversation)}</td><td>{p.Kind}</td><td class=\"n\">{p.Attempts}</td><td>{p.Reason}</td></tr>"))}</tbody></table></div>
            """))}
            <h2>Configuration</h2>
            <p>Version {configuration.Version}, bots: {string.Join(", ", configuration.Bots.Keys.Order(StringComparer.Ordinal))}.</p>
            {(live.Problems.Count == 0 ? Html.Of($"<p>The latest change is in force.</p>") : Html.Of($"""
            {(live.Problems.All(p => p.IsWarning)
                ? Html.Of($"<p>The latest change is in force, with warnings.</p>")
                : Html.Of($"<p class=\"bad\">The latest change was refused; the last good configuration stays in force.</p>"))}
            <ul>{live.Problems.Select(p => Html.Of($"<li>{p.File}:{p.Line} {p.Path}: {p.Message} {p.Remedy}</li>"))}</ul>
            """))}
            """));
    }

    private static Markup Adapter(AdapterState s)
    {
        var state = s.CircuitOpen ? Html.Of($"<span class=\"bad\">not asked after failures</span>")
            : s.IsHealthy switch
            {
                true => Html.Of($"<span class=\"good\">healthy</span>"),
                false => Html.Of($"<span class=\"bad\">{(s.Failure is { } failure ? Kebab.Of(failure) : "failing")}</span>"),
                null => Html.Of($"starting"),
            };
        return Html.Of($"<tr><th scope=\"row\">{s.Name}</th><td>{s.Type}</td><td>{state}</td><td>{s.Model}</td><td>{(s.At is { } at ? ConsolePage.Time(at) : Markup.None)}</td><td>{s.Description}</td></tr>");
    }
}
