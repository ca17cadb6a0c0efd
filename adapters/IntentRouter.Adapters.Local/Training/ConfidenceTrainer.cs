using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>One text, as a classifier that never saw it judged it.</summary>
internal readonly record struct ConfidenceRow(float[] Signals, bool Right, RowKind Kind);

internal enum RowKind
{
    /// <summary>An example of an intent that the classifier knew.</summary>
    Known,

    /// <summary>An example of an intent that was hidden, or of what the owner said is out of scope: near to what the bot does.</summary>
    Near,

    /// <summary>Talk about anything else.</summary>
    Far,
}

/// <summary>Fits the confidence: weighted logistic regression with ridge, by Newton's method, then slope and intercept alone.</summary>
internal static class ConfidenceTrainer
{
    // The share of messages that belong to no intent, as a bot meets them.
    private const double OutOfScopePrior = 0.2;

    // Of these, the share that is about something else altogether.
    private const double FarShare = 0.5;

    // Talk that is near to training examples may be somebody's intent after all.
    private const double NearestOfFar = 0.7;
    private const double Ridge = 0.1;
    private const int Steps = 25;
    private const double Settled = 1e-7;

    public static ConfidenceModel Train(IEnumerable<ConfidenceRow> judged)
    {
        var rows = judged.Where(r => r.Kind != RowKind.Far || (r.Signals[Signals.Nearest] < NearestOfFar && r.Signals[Signals.Unseen] > 0)).ToArray();
        var width = rows[0].Signals.Length;
        var weights = Weigh(rows);
        var total = weights.Sum();

        var means = new float[width];
        var scales = new float[width];
        for (var j = 0; j < width; j++)
        {
            var mean = rows.Select((r, i) => weights[i] * r.Signals[j]).Sum() / total;
            var variance = rows.Select((r, i) => weights[i] * Math.Pow(r.Signals[j] - mean, 2)).Sum() / total;
            means[j] = (float)mean;
            scales[j] = variance > 1e-12 ? (float)(1 / Math.Sqrt(variance)) : 0f;
        }

        var inputs = rows.Select(r => r.Signals.Select((s, j) => (double)((s - means[j]) * scales[j])).ToArray()).ToArray();
        var right = rows.Select(r => r.Right ? 1.0 : 0.0).ToArray();
        var (slopes, intercept) = Fit(inputs, right, weights, Ridge);

        // Ridge shrinks the slopes; one slope for all of them and an intercept, without ridge, make it a probability again.
        var sums = inputs.Select(x => new[] { x.Zip(slopes, (a, b) => a * b).Sum() + intercept }).ToArray();
        var (stretch, shift) = Fit(sums, right, weights, 1e-6);
        return new ConfidenceModel(
            means, scales, [.. slopes.Select(s => (float)(s * stretch[0]))], (float)((intercept * stretch[0]) + shift));
    }

    private static double[] Weigh(IReadOnlyList<ConfidenceRow> rows)
    {
        var counts = new double[3];
        foreach (var row in rows)
        {
            counts[(int)row.Kind]++;
        }

        var outside = OutOfScopePrior / (1 - OutOfScopePrior) * counts[(int)RowKind.Known];
        var far = counts[(int)RowKind.Far] == 0 ? 0 : counts[(int)RowKind.Near] == 0 ? 1 : FarShare;
        return
        [
            .. rows.Select(r => r.Kind switch
            {
                RowKind.Known => 1,
                RowKind.Near => outside * (1 - far) / counts[(int)RowKind.Near],
                _ => outside * far / counts[(int)RowKind.Far],
            }),
        ];
    }

    private static (double[] Slopes, double Intercept) Fit(double[][] inputs, double[] right, double[] weights, double ridge)
    {
        var width = inputs[0].Length;
        var total = weights.Sum();
        var beta = new double[width + 1];
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[width + 1];
            var hessian = new double[width + 1, width + 1];
            for (var i = 0; i < inputs.Length; i++)
            {
                Accumulate(inputs[i], right[i], weights[i] / total, beta, gradient, hessian);
            }

            for (var j = 0; j < width; j++)
            {
                gradient[j] += ridge * beta[j];
                hessian[j, j] += ridge;
            }

            hessian[width, width] += 1e-9;
            var change = Solve(hessian, gradient);
            if (change.All(c => Math.Abs(c) < Settled))
            {
                break;
            }

            for (var j = 0; j <= width; j++)
            {
                // A step may be too long where one class is missing; it is bounded instead of searched.
                beta[j] -= Math.Clamp(change[j], -2, 2);
            }
        }

        return (beta[..width], beta[width]);
    }

    private static void Accumulate(double[] x, double right, double weight, double[] beta, double[] gradient, double[,] hessian)
    {
        var width = x.Length;
        var sum = beta[width];
        for (var j = 0; j < width; j++)
        {
            sum += beta[j] * x[j];
        }

        var p = 1 / (1 + Math.Exp(-sum));
        var curvature = weight * Math.Max(p * (1 - p), 1e-9);
        for (var j = 0; j <= width; j++)
        {
            var xj = j == width ? 1 : x[j];
            gradient[j] += weight * (p - right) * xj;
            for (var k = 0; k <= j; k++)
            {
                hessian[j, k] += curvature * xj * (k == width ? 1 : x[k]);
                hessian[k, j] = hessian[j, k];
            }
        }
    }

    /// <summary>Gaussian elimination with pivoting; the systems have at most seven unknowns.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var a = (double[,])matrix.Clone();
        var b = (double[])right.Clone();
        for (var column = 0; column < n; column++)
        {
            var pivot = Enumerable.Range(column, n - column).MaxBy(r => Math.Abs(a[r, column]));
            (b[column], b[pivot]) = (b[pivot], b[column]);
            for (var k = 0; k < n; k++)
            {
                (a[column, k], a[pivot, k]) = (a[pivot, k], a[column, k]);
            }

            for (var row = column + 1; row < n; row++)
            {
                var factor = a[row, column] / a[column, column];
                b[row] -= factor * b[column];
                for (var k = column; k < n; k++)
                {
                    a[row, k] -= factor * a[column, k];
                }
            }
        }

        for (var row = n - 1; row >= 0; row--)
        {
            for (var k = row + 1; k < n; k++)
            {
                b[row] -= a[row, k] * b[k];
            }

            b[row] /= a[row, row];
        }

        return b;
    }
}
