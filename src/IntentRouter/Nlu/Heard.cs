using IntentRouter.Decisions;

namespace IntentRouter.Nlu;

/// <summary>What the adapters made of an utterance, ready to be decided on.</summary>
internal sealed record Heard
{
    /// <summary>Name of the entry under <c>nlu:</c> that answered; null when none could.</summary>
    public string? Adapter { get; init; }

    /// <summary>Its answer as it came; null when no adapter could answer.</summary>
    public Understanding? Understanding { get; init; }

    /// <summary>The candidates with calibrated probabilities, best first. Empty when nothing matched or nobody answered.</summary>
    public IReadOnlyList<RankedIntent> Ranking { get; init; } = [];

    /// <summary>Whether the probabilities deserve the name: by a calibration fitted for this adapter, model and language, or by the engine itself.</summary>
    public bool Calibrated { get; init; }

    /// <summary>Whether a later adapter of the list answered because an earlier one failed.</summary>
    public bool StandIn { get; init; }

    /// <summary>The adapters that failed before, in order.</summary>
    public IReadOnlyList<AdapterTrouble> Failures { get; init; } = [];

    public TimeSpan Duration { get; init; }

    public bool NobodyAnswered => Understanding is null;

    public static Heard Nothing { get; } = new();
}

/// <summary>One adapter that could not answer.</summary>
internal sealed record AdapterTrouble(string Adapter, AdapterFailure Failure, TimeSpan Duration);
