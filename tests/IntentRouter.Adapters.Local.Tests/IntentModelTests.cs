using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Models;
using IntentRouter.Adapters.Local.Training;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

public sealed class IntentModelTests : IDisposable
{
    private readonly TrainingFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_same_data_gives_the_same_model_on_one_thread_or_two_and_with_vectors_kept()
    {
        var data = TrainingData.Read(TrainingFiles.Shop);
        var kept = new ExampleVectors(SentenceEncoder.Shared);
        var first = Bytes(ModelTrainer.Train(data, SentenceEncoder.Shared, kept, true, new TrainingPace(1), CancellationToken.None));
        kept.Save(Path.Combine(_files.Folder, "vectors"));
        var read = new ExampleVectors(SentenceEncoder.Shared);
        read.Load(Path.Combine(_files.Folder, "vectors"));

        Assert.Equal(first, Bytes(ModelTrainer.Train(data, SentenceEncoder.Shared, read, true, new TrainingPace(2), CancellationToken.None)));
    }

    [Fact]
    public void A_saved_model_predicts_as_before()
    {
        var model = Train(TrainingFiles.Shop);
        var file = Path.Combine(_files.Folder, "m");
        ModelFile.Save(model, file);
        var loaded = ModelFile.Load(file, model.Id, SentenceEncoder.Shared)!;

        foreach (var text in new[] { "where is my parcel", "", "😀", "the weather in paris", new string('x', 20_000) })
        {
            Assert.Equal(model.Predict(text).Ranking, loaded.Predict(text).Ranking);
            Assert.Equal(model.Predict(text).Signals, loaded.Predict(text).Signals);
        }

        Assert.Null(ModelFile.Load(file, "another", SentenceEncoder.Shared));
    }

    [Fact]
    public void Many_threads_get_the_answers_of_one()
    {
        var model = Train(TrainingFiles.Shop);
        var texts = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "shop.held-out.csv")).Skip(1).ToArray();
        var alone = texts.Select(t => model.Predict(t).Ranking).ToArray();
        var together = new IntentCandidate[texts.Length][];

        Parallel.For(0, texts.Length * 4, i => together[i % texts.Length] = model.Predict(texts[i % texts.Length]).Ranking);

        Assert.Equal(alone, together);
    }

    [Fact]
    public void A_prediction_allocates_less_than_four_kilobytes()
    {
        var model = Train(TrainingFiles.Shop);
        const string Text = "could you tell me where my parcel is right now please";
        _ = model.Predict(Text);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _ = model.Predict(Text);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 4096);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_bot_of_few_intents_can_be_trained(int intents)
    {
        var file = _files.Write("few.csv", "text,intent\n" + string.Concat(Enumerable.Range(0, intents).Select(i => $"word{i} here,intent{i}\nsome word{i},intent{i}\n")));

        var prediction = Train(file).Predict("word1");

        Assert.Equal("intent1", prediction.Ranking[0].Intent);
        Assert.Equal(intents, prediction.Ranking.Length);
        Assert.All(prediction.Ranking, c => Assert.InRange(c.Confidence!.Value.Value, 0, 1));
    }

    [Fact]
    public void Out_of_scope_examples_are_no_intent()
    {
        var file = _files.Write("oos.yaml", File.ReadAllText(TrainingFiles.Shop) + """

            - intent: out_of_scope
              examples: |
                - what is the weather like
                - will it rain tomorrow
                - how warm is it outside
                - is it going to snow
                - weather forecast
            """);

        var prediction = Train(file).Predict("will it snow tomorrow");

        Assert.True(prediction.IsOutOfScope);
        Assert.DoesNotContain(prediction.Ranking, c => c.Intent == TrainingData.OutOfScope);
    }

    [Theory]
    [InlineData("card_payment", "card payment")]
    [InlineData("cardPayment", "card payment")]
    [InlineData("faq/opening-hours", "faq opening hours")]
    [InlineData("42", null)]
    public void Names_of_intents_are_read_as_words(string intent, string? words) => Assert.Equal(words, IntentNames.Words(intent));

    private static IntentModel Train(string file) =>
        ModelTrainer.Train(TrainingData.Read(file), SentenceEncoder.Shared, new ExampleVectors(SentenceEncoder.Shared), true, new TrainingPace(2), CancellationToken.None);

    private byte[] Bytes(IntentModel model)
    {
        var file = Path.Combine(_files.Folder, "model");
        ModelFile.Save(model, file);
        return File.ReadAllBytes(file);
    }
}
