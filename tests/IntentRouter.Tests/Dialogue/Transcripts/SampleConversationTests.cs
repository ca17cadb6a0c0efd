namespace IntentRouter.Tests.Dialogue.Transcripts;

/// <summary>Plays every conversation that the samples' guides tell.</summary>
public class SampleConversationTests
{
    public static TheoryData<string, string, string> Conversations() => Transcript.Titles(SampleDesk.Samples, _ => true);

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task A_conversation_goes_as_it_is_written(string sample, string file, string title)
    {
        using var desk = new SampleDesk(sample);
        await Transcript.Find(SampleDesk.Samples, sample, file, title).AssertAsync(desk);
    }

    [Fact]
    public void Titles_of_conversations_are_unique()
    {
        var titles = Directory.EnumerateFiles(SampleDesk.Samples, "*.transcript", SearchOption.AllDirectories)
            .SelectMany(f => Transcript.Read(f).Select(t => $"{f}: {t.Title}")).ToList();

        Assert.Equal(titles.Distinct(), titles);
    }
}
