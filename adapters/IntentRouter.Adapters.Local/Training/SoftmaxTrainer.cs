using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>How to fit a regression.</summary>
internal sealed record SoftmaxSettings
{
    public int Epochs { get; init; } = 30;
    public float FirstRate { get; init; } = 0.3f;
    public float LastRate { get; init; } = 0.03f;

    /// <summary>
    /// The share of certainty that is spread over all classes: a label that contradicts all others then bends the model less.
    /// </summary>
    public float Doubt { get; init; }

    public int Seed { get; init; } = 17;
}

/// <summary>
/// Fits a regression by stochastic gradient descent with one AdaGrad accumulator per feature. The same examples and seed give the same weights
/// on the same machine.
/// </summary>
internal static class SoftmaxTrainer
{
    // Smaller gradients change nothing that anyone sees, and become denormal numbers, which are a hundred times slower.
    private const float Negligible = 1e-4f;

    public static SoftmaxRegression Train(ExampleMatrix examples, ReadOnlySpan<int> chosen, int classes, int features, SoftmaxSettings settings, CancellationToken cancellationToken)
    {
        var model = new SoftmaxRegression(classes, features, examples.Width);
        var run = new Run(model, examples, settings.Doubt);
        var order = chosen.ToArray();
        var random = new Random(settings.Seed);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            var progress = settings.Epochs == 1 ? 0f : epoch / (settings.Epochs - 1f);
            var rate = settings.FirstRate * MathF.Pow(settings.LastRate / settings.FirstRate, progress);
            foreach (var example in order)
            {
                run.Learn(example, rate);
            }
        }

        return model;
    }

    private sealed class Run(SoftmaxRegression model, ExampleMatrix examples, float doubt)
    {
        private readonly float[] _gradient = new float[model.Stride];
        private readonly float[] _step = new float[model.Width];
        private readonly float[] _sparseSquares = Filled(model.Features);
        private readonly float[] _denseSquares = Filled(model.Width);
        private float _biasSquares = Start;

        private const float Start = 1e-6f;

        private static float[] Filled(int length)
        {
            var array = new float[length];
            Array.Fill(array, Start);
            return array;
        }

        public void Learn(int example, float rate)
        {
            var rows = examples.Rows(example);
            var values = examples.Values(example);
            var dense = examples.Dense(example);
            model.Logits(rows, values, dense, _gradient);
            var gradient = _gradient.AsSpan(0, model.Classes);
            Lanes.Softmax(gradient);
            if (doubt > 0)
            {
                foreach (ref var share in gradient)
                {
                    share -= doubt / model.Classes;
                }
            }

            gradient[examples.Classes[example]] -= 1f - doubt;
            _gradient.AsSpan(model.Classes).Clear();
            var square = Prune(_gradient);
            if (square == 0f)
            {
                return;
            }

            _biasSquares += square;
            Lanes.Add(model.Bias, _gradient, -rate / MathF.Sqrt(_biasSquares));
            LearnSparse(rows, values, square, rate);
            if (model.Width > 0)
            {
                LearnDense(dense, gradient, square, rate);
            }
        }

        /// <summary>Clears what is negligible; returns the sum of the squares of the rest.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Prune(Span<float> gradient)
        {
            ref var first = ref MemoryMarshal.GetReference(gradient);
            var limit = Vector512.Create(Negligible);
            var squares = Vector512<float>.Zero;
            for (nuint at = 0; at < (nuint)gradient.Length; at += (nuint)SoftmaxRegression.Lane)
            {
                var value = Vector512.LoadUnsafe(ref first, at);
                value = Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), limit), Vector512<float>.Zero, value);
                value.StoreUnsafe(ref first, at);
                squares = Vector512.FusedMultiplyAdd(value, value, squares);
            }

            return Vector512.Sum(squares);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void LearnSparse(ReadOnlySpan<int> rows, ReadOnlySpan<float> values, float square, float rate)
        {
            ref var weights = ref MemoryMarshal.GetArrayDataReference(model.Sparse);
            ref var gradient = ref MemoryMarshal.GetArrayDataReference(_gradient);
            var stride = (nuint)model.Stride;
            for (var i = 0; i < rows.Length; i++)
            {
                var squares = _sparseSquares[rows[i]] += values[i] * values[i] * square;
                var step = Vector512.Create(-rate * values[i] / MathF.Sqrt(squares));
                ref var row = ref Unsafe.Add(ref weights, (nuint)rows[i] * stride);
                for (nuint at = 0; at < stride; at += (nuint)SoftmaxRegression.Lane)
                {
                    Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref gradient, at), step, Vector512.LoadUnsafe(ref row, at)).StoreUnsafe(ref row, at);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void LearnDense(ReadOnlySpan<float> dense, ReadOnlySpan<float> gradient, float square, float rate)
        {
            // The encoder's vectors are whole lanes long.
            ref var inputs = ref MemoryMarshal.GetReference(dense);
            ref var sums = ref MemoryMarshal.GetArrayDataReference(_denseSquares);
            ref var steps = ref MemoryMarshal.GetArrayDataReference(_step);
            for (nuint at = 0; at < (nuint)dense.Length; at += Lanes.Width)
            {
                var input = Vector512.LoadUnsafe(ref inputs, at);
                var squares = Vector512.FusedMultiplyAdd(input * input, Vector512.Create(square), Vector512.LoadUnsafe(ref sums, at));
                squares.StoreUnsafe(ref sums, at);
                (input / Vector512.Sqrt(squares) * -rate).StoreUnsafe(ref steps, at);
            }

            for (var c = 0; c < gradient.Length; c++)
            {
                if (gradient[c] != 0f)
                {
                    Lanes.Add(model.Dense.AsSpan(c * model.Width, model.Width), _step, gradient[c]);
                }
            }
        }
    }
}
