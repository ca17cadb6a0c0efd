namespace IntentRouter.Tests.Dialogue.Transcripts;

/// <summary>Plays every conversation that the samples' guides tell.</summary>
public class SampleConversationTests
{
    public static TheoryData<string, string, string> Conversations()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var sample in Directory.EnumerateDirectories(SampleDesk.Samples).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal))
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(SampleDesk.Samples, sample), "*.transcript", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                foreach (var transcript in Transcript.Read(file))
                {
                    data.Add(sample, transcript.File, transcript.Title);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Conversations))]
    public void A_conversation_goes_as_it_is_written(string sample, string file, string title)
    {
        var transcript = Transcript.Read(Path.Combine(SampleDesk.Samples, sample, "conversations", file)).Single(t => t.Title == title);
        using var desk = new SampleDesk(sample);

        var played = transcript.Play(desk);

        if (!transcript.Lines.SequenceEqual(played))
        {
            Assert.Fail($"{file}, {title}. Instead it went:\n\n{string.Join("\n", played)}\n");
        }
    }

    [Fact]
    public void Titles_of_conversations_are_unique()
    {
        var titles = Directory.EnumerateFiles(SampleDesk.Samples, "*.transcript", SearchOption.AllDirectories)
            .SelectMany(f => Transcript.Read(f).Select(t => $"{f}: {t.Title}")).ToList();

        Assert.Equal(titles.Distinct(), titles);
    }
}
