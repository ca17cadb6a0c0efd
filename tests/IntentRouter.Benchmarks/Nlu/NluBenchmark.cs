using System.Diagnostics;
using System.Globalization;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Training;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;

namespace IntentRouter.Benchmarks.Nlu;

/// <summary>
/// Trains the embedded NLU on public sets that lie outside the repository and measures it with the product's own metrics. Few-shot rows are means over
/// seeded samples. Out-of-scope utterances are CLINC150's for every set; "mix" weighs them as 18 % of all, as in CLINC150's test split.
/// </summary>
internal static class NluBenchmark
{
    private const double OutOfScopeShare = 0.18;
    private const double Threshold = 0.5;

    public static int Run(string[] args)
    {
        var data = Value(args, "--data") ?? FindData();
        var split = Value(args, "--split") ?? "validation";
        if (data is null || !Directory.Exists(Path.Combine(data, "clinc150")))
        {
            System.Console.Error.WriteLine("The labelled utterances are not beside the repository (../shared/data); name their directory with --data.");
            return 2;
        }

        string[] chosen = [.. args.Where((a, i) => !a.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal)))];
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors; {split} split; predictions on one thread, training on all; cpu: mean processor time of a prediction, for machines that do other work too; at: answered with a confidence of {Threshold} or more"));
        System.Console.WriteLine("set            examples intents  accuracy  AUROC   at: right  refused  answered  right  |  mix: right  calib.error | train s  (cpu)  p50 ms  p99 ms  cpu ms  bytes");
        var measured = new Dictionary<string, Figures>(StringComparer.Ordinal);
        foreach (var set in Sets(data, split).Where(s => chosen.Length == 0 || chosen.Contains(s.Name)))
        {
            measured[set.Name] = Print(set);
        }

        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"working set at the end: {Process.GetCurrentProcess().WorkingSet64 / 1e6:0} MB"));
        return Limits.Print(measured) ? 0 : 1;
    }

    private static IEnumerable<BenchmarkSet> Sets(string data, string split)
    {
        var outOfScope = Read(Path.Combine(data, "clinc150", $"out_of_scope_{split}.csv"));
        var clinc = Read(Path.Combine(data, "clinc150", "train.csv"));
        var clincTest = Read(Path.Combine(data, "clinc150", $"{split}.csv"));
        var banking = Read(Path.Combine(data, "banking77", "train.csv"));
        var bankingTest = Read(Path.Combine(data, "banking77", $"{split}.csv"));
        var hwu = Read(Path.Combine(data, "hwu64", "train.csv"));
        var hwuTest = Read(Path.Combine(data, "hwu64", $"{split}.csv"));
        yield return new BenchmarkSet("clinc150", [clinc], clincTest, outOfScope);
        yield return new BenchmarkSet("banking77", [banking], bankingTest, outOfScope);
        yield return new BenchmarkSet("hwu64", [hwu], hwuTest, []);
        yield return new BenchmarkSet("clinc150-10", [.. Seeds(3).Select(s => Few(clinc, 10, s))], clincTest, outOfScope);
        yield return new BenchmarkSet("banking77-10", [.. Seeds(3).Select(s => Few(banking, 10, s))], bankingTest, outOfScope);
        yield return new BenchmarkSet("hwu64-10", [Read(Path.Combine(data, "hwu64", "train_10_per_intent.csv")), .. Seeds(2).Select(s => Few(hwu, 10, s))], hwuTest, []);

        // A bot as owners write them: thirty intents, twenty examples each.
        var thirty = clinc.Select(e => e.Intent).Distinct().Order(StringComparer.Ordinal).Where((_, i) => i % 5 == 0).ToHashSet();
        yield return new BenchmarkSet(
            "bot30", [.. Seeds(3).Select(s => Few([.. clinc.Where(e => thirty.Contains(e.Intent))], 20, s))], [.. clincTest.Where(e => thirty.Contains(e.Intent))], outOfScope);
    }

    private static Figures Print(BenchmarkSet set)
    {
        var runs = set.Samples.Select(sample => Measure(sample, set)).ToArray();
        double Mean(Func<Figures, double> value) => runs.Average(value);
        string Percent(Func<Figures, double> value) => set.OutOfScope.Count == 0 && double.IsNaN(Mean(value)) ? "-" : (100 * Mean(value)).ToString("0.0", CultureInfo.InvariantCulture);
        System.Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Name,-14} {set.Samples[0].Count,8} {set.Samples[0].Select(e => e.Intent).Distinct().Count(),7}  {Percent(f => f.Accuracy),8}  {Percent(f => f.Auroc),5}   {Percent(f => f.Precision),9}  {Percent(f => f.Refused),7}  {Percent(f => f.Answered),8}  {Percent(f => f.AnsweredRight),5}  |  {Percent(f => f.MixPrecision),10}  {Percent(f => f.MixError),11} | {Mean(f => f.TrainSeconds),7:0.0}  {Mean(f => f.TrainCpuSeconds),5:0.0}  {Mean(f => f.P50),6:0.00}  {Mean(f => f.P99),6:0.00}  {Mean(f => f.CpuMilliseconds),6:0.00}  {Mean(f => f.Bytes),5:0}"));
        return new Figures(
            Mean(f => f.Accuracy),
            Mean(f => f.Auroc),
            Mean(f => f.Precision),
            Mean(f => f.Refused),
            Mean(f => f.Answered),
            Mean(f => f.AnsweredRight),
            Mean(f => f.MixPrecision),
            Mean(f => f.MixError),
            Mean(f => f.TrainSeconds),
            Mean(f => f.TrainCpuSeconds),
            Mean(f => f.P50),
            Mean(f => f.P99),
            Mean(f => f.CpuMilliseconds),
            Mean(f => f.Bytes));
    }

    private static Figures Measure(IReadOnlyList<TrainingExample> sample, BenchmarkSet set)
    {
        var encoder = SentenceEncoder.Shared;
        var began = Stopwatch.GetTimestamp();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var model = ModelTrainer.Train(
            new TrainingData { Examples = sample }, encoder, new ExampleVectors(encoder), background: true, new TrainingPace(Environment.ProcessorCount), CancellationToken.None);
        var trained = Stopwatch.GetElapsedTime(began);
        var trainedCpu = Process.GetCurrentProcess().TotalProcessorTime - processor;
        foreach (var example in set.Test.Take(300))
        {
            model.Predict(example.Text);
        }

        TrainingExample[] asked = [.. set.Test, .. set.OutOfScope];
        var judged = new List<JudgedUtterance>(asked.Length);
        var times = new List<double>(asked.Length);
        var allocated = 0L;
        processor = Process.GetCurrentProcess().TotalProcessorTime;
        foreach (var example in asked)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var prediction = model.Predict(example.Text);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            judged.Add(new JudgedUtterance(
                example.Text, example.Intent, [.. prediction.Ranking.Select(c => new RankedIntent(c.Intent, c.Confidence?.Value, c.Confidence?.Value))]));
        }

        var spent = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMilliseconds;
        times.Sort();
        var result = EvaluationMetrics.Measure("local", judged, Threshold);
        var (mixPrecision, mixError) = Mix(judged);
        return new Figures(
            result.Accuracy ?? double.NaN,
            result.Auroc ?? double.NaN,
            result.Precision ?? double.NaN,
            result.OutOfScopeRefused ?? double.NaN,
            result.Answered ?? double.NaN,
            result.AnsweredRight ?? double.NaN,
            mixPrecision,
            mixError,
            trained.TotalSeconds,
            trainedCpu.TotalSeconds,
            EvaluationMetrics.Percentile(times, 0.5),
            EvaluationMetrics.Percentile(times, 0.99),
            spent / asked.Length,
            allocated / (double)asked.Length);
    }

    /// <summary>Right among the answered, and calibration error, with the out-of-scope utterances weighed to their share.</summary>
    private static (double Precision, double Error) Mix(IReadOnlyList<JudgedUtterance> judged)
    {
        var inScope = judged.Count(j => j.IsInScope);
        var outOfScope = judged.Count - inScope;
        var weight = outOfScope == 0 ? 0 : OutOfScopeShare / (1 - OutOfScopeShare) * inScope / outOfScope;
        double Weight(JudgedUtterance j) => j.IsInScope ? 1 : weight;
        var answered = judged.Where(j => j.Probability >= Threshold).ToArray();
        var total = judged.Sum(Weight);
        var error = judged
            .GroupBy(j => Math.Min(EvaluationMetrics.Bins - 1, (int)(j.Probability * EvaluationMetrics.Bins)))
            .Sum(bin => Math.Abs(bin.Sum(j => Weight(j) * (j.Probability - (j.IsRight ? 1 : 0)))) / total);
        return (answered.Sum(j => j.IsRight ? 1 : 0) / answered.Sum(Weight), error);
    }

    private static IEnumerable<int> Seeds(int count) => Enumerable.Range(1, count);

    private static TrainingExample[] Few(IReadOnlyList<TrainingExample> examples, int each, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. examples.GroupBy(e => e.Intent).SelectMany(intent =>
            {
                var all = intent.ToArray();
                random.Shuffle(all);
                return all.Take(each);
            }),
        ];
    }

    private static IReadOnlyList<TrainingExample> Read(string file) => TrainingData.ReadLabelled([file]).Examples;

    private static string? FindData()
    {
        for (var directory = new DirectoryInfo(Environment.CurrentDirectory); directory is not null; directory = directory.Parent)
        {
            var data = Path.Combine(directory.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        return null;
    }

    private static string? Value(string[] args, string option) =>
        Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private sealed record BenchmarkSet(
        string Name, IReadOnlyList<IReadOnlyList<TrainingExample>> Samples, IReadOnlyList<TrainingExample> Test, IReadOnlyList<TrainingExample> OutOfScope);
}
