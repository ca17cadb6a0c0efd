using System.Globalization;

namespace IntentRouter;

/// <summary>
/// An engine's confidence, a number in [0, 1]. Comparable only within the engine that reported it; the service maps it to a
/// probability by calibration before it decides. Immutable and thread-safe.
/// </summary>
public readonly record struct Confidence : IComparable<Confidence>
{
    private Confidence(double value) => Value = value;

    /// <summary>The number, in [0, 1].</summary>
    public double Value { get; }

    /// <summary>Creates a confidence from a number in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside [0, 1] or not a number.</exception>
    public static Confidence From(double value) => value is >= 0 and <= 1
        ? new Confidence(value)
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Confidence must lie in [0, 1].");

    /// <summary>Creates a confidence from whatever an engine sent: a number out of range is clamped to [0, 1]; NaN and <see langword="null"/> become <see langword="null"/>.</summary>
    public static Confidence? Clamp(double? value) =>
        value is not { } v || double.IsNaN(v) ? null : new Confidence(Math.Clamp(v, 0, 1));

    /// <inheritdoc/>
    public int CompareTo(Confidence other) => Value.CompareTo(other.Value);

    /// <summary>The number with three decimals, in the invariant culture.</summary>
    public override string ToString() => Value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Whether the left value is smaller.</summary>
    public static bool operator <(Confidence left, Confidence right) => left.Value < right.Value;

    /// <summary>Whether the left value is larger.</summary>
    public static bool operator >(Confidence left, Confidence right) => left.Value > right.Value;

    /// <summary>Whether the left value is smaller or equal.</summary>
    public static bool operator <=(Confidence left, Confidence right) => left.Value <= right.Value;

    /// <summary>Whether the left value is larger or equal.</summary>
    public static bool operator >=(Confidence left, Confidence right) => left.Value >= right.Value;
}
