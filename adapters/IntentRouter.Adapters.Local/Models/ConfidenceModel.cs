namespace IntentRouter.Adapters.Local.Models;

/// <summary>
/// The probability that the first intent is right, learned from what the classifier makes of examples and intents that were hidden from it:
/// a logistic regression over the signals of one prediction.
/// </summary>
internal sealed class ConfidenceModel(float[] means, float[] scales, float[] weights, float bias)
{
    public float[] Means { get; } = means;

    public float[] Scales { get; } = scales;

    public float[] Weights { get; } = weights;

    public float Bias { get; } = bias;

    public float Probability(ReadOnlySpan<float> signals)
    {
        var sum = Bias;
        for (var i = 0; i < Weights.Length; i++)
        {
            sum += Weights[i] * (signals[i] - Means[i]) * Scales[i];
        }

        return 1f / (1f + MathF.Exp(-sum));
    }
}
