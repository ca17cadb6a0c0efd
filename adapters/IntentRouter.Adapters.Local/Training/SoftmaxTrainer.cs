using System.Numerics.Tensors;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>How to fit a regression.</summary>
internal sealed record SoftmaxSettings
{
    public int Epochs { get; init; } = 30;
    public float FirstRate { get; init; } = 0.3f;
    public float LastRate { get; init; } = 0.03f;
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
        var run = new Run(model, examples);
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

    private sealed class Run(SoftmaxRegression model, ExampleMatrix examples)
    {
        private readonly float[] _gradient = new float[model.Classes];
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
            var gradient = _gradient.AsSpan();
            model.Logits(rows, values, dense, gradient);
            TensorPrimitives.SoftMax(gradient, gradient);
            gradient[examples.Classes[example]] -= 1f;
            for (var c = 0; c < gradient.Length; c++)
            {
                gradient[c] = MathF.Abs(gradient[c]) < Negligible ? 0f : gradient[c];
            }

            var square = TensorPrimitives.SumOfSquares<float>(gradient);
            if (square == 0f)
            {
                return;
            }

            _biasSquares += square;
            TensorPrimitives.MultiplyAdd(gradient, -rate / MathF.Sqrt(_biasSquares), model.Bias, model.Bias);
            for (var i = 0; i < rows.Length; i++)
            {
                var squares = _sparseSquares[rows[i]] += values[i] * values[i] * square;
                var weights = model.Sparse.AsSpan(rows[i] * model.Classes, model.Classes);
                TensorPrimitives.MultiplyAdd(gradient, -rate * values[i] / MathF.Sqrt(squares), weights, weights);
            }

            if (model.Width > 0)
            {
                LearnDense(dense, gradient, square, rate);
            }
        }

        private void LearnDense(ReadOnlySpan<float> dense, ReadOnlySpan<float> gradient, float square, float rate)
        {
            // squares += dense² · square;  step = -rate · dense / √squares
            TensorPrimitives.Multiply(dense, dense, _step);
            TensorPrimitives.MultiplyAdd(_step, square, _denseSquares, _denseSquares);
            TensorPrimitives.Sqrt<float>(_denseSquares, _step);
            TensorPrimitives.Divide(dense, _step, _step);
            TensorPrimitives.Multiply(_step, -rate, _step);
            for (var c = 0; c < gradient.Length; c++)
            {
                if (gradient[c] != 0f)
                {
                    var weights = model.Dense.AsSpan(c * model.Width, model.Width);
                    TensorPrimitives.MultiplyAdd(_step, gradient[c], weights, weights);
                }
            }
        }
    }
}
