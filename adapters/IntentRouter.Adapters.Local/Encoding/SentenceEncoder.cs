using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.ML.OnnxRuntime;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// Turns a normalised English text into vectors whose directions tell meanings apart: the Universal Sentence Encoder "lite", 8-bit, inside the process.
/// Thread-safe; at most as many encodings run at once as there are cores, further callers wait.
/// </summary>
internal sealed class SentenceEncoder : IDisposable
{
    /// <summary>Length of the sentence vector (unit length).</summary>
    public const int Size = 512;

    private static readonly Lazy<SentenceEncoder> _shared = new(LoadEmbedded);

    private static readonly string[] _inputs = ["ids", "positions"];
    private static readonly string[] _outputs = ["embedding", "pooled"];

    private static readonly long[] _positions = [.. Enumerable.Range(0, SentencePieces.MaxTokens).Select(i => (long)i)];

    private readonly SentencePieces _pieces;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);
    private readonly ConcurrentBag<Buffers> _pool = [];

    private SentenceEncoder(SentencePieces pieces, InferenceSession session)
    {
        _pieces = pieces;
        _session = session;
    }

    /// <summary>The one encoder of the process: its weights never change, and every model uses the same.</summary>
    public static SentenceEncoder Shared => _shared.Value;

    public static SentenceEncoder LoadEmbedded()
    {
        using var vocabulary = Resource("use-lite.vocab.json");
        using var model = Resource("use-lite.onnx");
        var bytes = new byte[model.Length];
        model.ReadExactly(bytes);
        NativeReports.Forbid();
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableCpuMemArena = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        return new SentenceEncoder(SentencePieces.Load(vocabulary), new InferenceSession(bytes, options));
    }

    /// <summary>Encodes one normalised text into <paramref name="embedding"/> and <paramref name="pooled"/>, both of <see cref="Size"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, Span<float> embedding, Span<float> pooled)
    {
        _slots.Wait();
        try
        {
            if (!_pool.TryTake(out var buffers))
            {
                buffers = new Buffers();
            }

            var count = _pieces.Tokenize(text, buffers.Ids);
            using (var ids = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffers.Ids.AsMemory(0, count), [count]))
            using (var positions = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _positions.AsMemory(0, count), [count]))
            {
                buffers.Input[0] = ids;
                buffers.Input[1] = positions;
                _session.Run(_run, _inputs, buffers.Input, _outputs, buffers.Output);
            }

            buffers.Embedding.CopyTo(embedding);
            buffers.Pooled.CopyTo(pooled);
            _pool.Add(buffers);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose()
    {
        while (_pool.TryTake(out var buffers))
        {
            buffers.Dispose();
        }

        _session.Dispose();
        _run.Dispose();
        _slots.Dispose();
    }

    private static Stream Resource(string name) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The assembly lacks its resource '{name}'; rebuild it.");

    private sealed class Buffers : IDisposable
    {
        public Buffers()
        {
            Output[0] = OrtValue.CreateTensorValueFromMemory(Embedding, [1, Size]);
            Output[1] = OrtValue.CreateTensorValueFromMemory(Pooled, [1, Size]);
        }

        public long[] Ids { get; } = new long[SentencePieces.MaxTokens];
        public float[] Embedding { get; } = new float[Size];
        public float[] Pooled { get; } = new float[Size];
        public OrtValue[] Input { get; } = new OrtValue[2];
        public OrtValue[] Output { get; } = new OrtValue[2];

        public void Dispose()
        {
            Output[0].Dispose();
            Output[1].Dispose();
        }
    }
}
