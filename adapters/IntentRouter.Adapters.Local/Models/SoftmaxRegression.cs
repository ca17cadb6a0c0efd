using System.Numerics.Tensors;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>
/// One linear model over sparse and dense features. Sparse weights lie by feature (a text touches few features and all classes), dense ones by
/// class (a text touches all of them, and few classes change while training).
/// </summary>
internal sealed class SoftmaxRegression(int classes, int features, int width)
{
    public int Classes { get; } = classes;

    public int Features { get; } = features;

    public int Width { get; } = width;

    public float[] Bias { get; init; } = new float[classes];

    public float[] Sparse { get; init; } = new float[features * classes];

    public float[] Dense { get; init; } = new float[classes * width];

    /// <summary>Writes the logits of one text.</summary>
    public void Logits(ReadOnlySpan<int> rows, ReadOnlySpan<float> values, ReadOnlySpan<float> dense, Span<float> logits)
    {
        logits = logits[..Classes];
        Bias.CopyTo(logits);
        if (Width > 0)
        {
            for (var c = 0; c < logits.Length; c++)
            {
                logits[c] += TensorPrimitives.Dot(Dense.AsSpan(c * Width, Width), dense);
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(Sparse.AsSpan(rows[i] * Classes, Classes), values[i], logits, logits);
        }
    }
}
