using System.Globalization;
using IntentRouter.Tests.Dialogue.Transcripts;

namespace IntentRouter.ServiceTests.Samples;

/// <summary>
/// The conversations of the samples' guides once more, with nothing scripted: the real host, the model that the sample trains, its database, the chat over
/// HTTP. Left out are those whose point is a stage that only a script can set.
/// </summary>
public sealed class LiveSampleTests(SampleHosts hosts) : IClassFixture<SampleHosts>
{
    public static TheoryData<string, string, string> Conversations() => Transcript.Titles(SampleHost.Samples, t => !IsStaged(t));

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task A_conversation_goes_as_it_is_written_in_the_running_service(string sample, string file, string title)
    {
        var host = await hosts.OfAsync(sample);
        host.MakeDatabase();
        await Transcript.Find(SampleHost.Samples, sample, file, title).AssertAsync(new LiveDesk(host));
    }

    [Fact]
    public void Most_conversations_need_no_stage() => Assert.InRange(Conversations().Count, 50, int.MaxValue);

    // A given confidence close to a threshold, a rival, an engine or a backing system that fails, a moment, a person at the desk,
    // a conversation that is there before the first word.
    private static bool IsStaged(Transcript transcript) => transcript.Lines.Any(line =>
        line.StartsWith("entity:", StringComparison.Ordinal)
        || line.StartsWith("customer opens:", StringComparison.Ordinal)
        || (line.StartsWith("given:", StringComparison.Ordinal) && line[6..].Split('|').Any(g => g.Trim().Split(' ')[0] is "lookups" or "actions" or "status" or "human" or "blocked" or "now" or "verified" or "window-closed"))
        || (line.StartsWith("heard:", StringComparison.Ordinal)
            && (line.Contains("nobody", StringComparison.Ordinal) || line.Contains(',', StringComparison.Ordinal)
                || double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) is > 0.3 and < 0.75)));
}

/// <summary>One running host per sample, started when the first of its conversations is played.</summary>
public sealed class SampleHosts : IAsyncLifetime
{
    private readonly Dictionary<string, SampleHost> _hosts = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }
    }

    internal async Task<SampleHost> OfAsync(string sample)
    {
        if (!_hosts.TryGetValue(sample, out var host))
        {
            _hosts[sample] = host = await SampleHost.StartAsync(sample);
        }

        return host;
    }
}
