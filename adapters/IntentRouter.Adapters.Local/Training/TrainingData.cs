namespace IntentRouter.Adapters.Local.Training;

/// <summary>Where something stands in a training file.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">The line, counted from 1.</param>
public sealed record TrainingLocation(string File, int Line)
{
    /// <summary><c>file:line</c>, as editors and terminals understand it.</summary>
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>Something that an owner of training data should change.</summary>
/// <param name="IsError">Whether nothing can be trained from it; otherwise a warning.</param>
/// <param name="Location">Where.</param>
/// <param name="Message">What is wrong and the remedy.</param>
public sealed record TrainingProblem(bool IsError, TrainingLocation Location, string Message)
{
    /// <summary>One line, as compilers print it.</summary>
    public override string ToString() => $"{Location}: {(IsError ? "error" : "warning")}: {Message}";
}

/// <summary>An entity marked up in an example.</summary>
/// <param name="Name">The entity's name.</param>
/// <param name="Value">Its value: what the markup says, else the text.</param>
/// <param name="Start">First UTF-16 unit in the example's text.</param>
/// <param name="Length">Length in UTF-16 units.</param>
/// <param name="Role">The role, where one is given.</param>
/// <param name="Group">The group, where one is given.</param>
public sealed record TrainingEntity(string Name, string Value, int Start, int Length, string? Role = null, string? Group = null);

/// <summary>One example: a text and the intent that it stands for.</summary>
/// <param name="Text">What a person would write, without markup.</param>
/// <param name="Intent">The intent's name.</param>
/// <param name="Entities">The entities marked up in it.</param>
/// <param name="Location">Where it stands.</param>
public sealed record TrainingExample(string Text, string Intent, IReadOnlyList<TrainingEntity> Entities, TrainingLocation Location);

/// <summary>A regular expression that finds an entity of the same name.</summary>
/// <param name="Entity">The entity's name.</param>
/// <param name="Pattern">The expression.</param>
/// <param name="Location">Where it stands.</param>
public sealed record TrainingPattern(string Entity, string Pattern, TrainingLocation Location);

/// <summary>What one or several training files say.</summary>
public sealed class TrainingData
{
    /// <summary>Examples of this intent teach what none of the other intents is.</summary>
    public const string OutOfScope = "out_of_scope";

    /// <summary>The examples in the order of the files.</summary>
    public IReadOnlyList<TrainingExample> Examples { get; init; } = [];

    /// <summary>Regular expressions by entity.</summary>
    public IReadOnlyList<TrainingPattern> Patterns { get; init; } = [];

    /// <summary>Words and phrases by entity (lookup tables).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lookups { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Values by the words that mean them (synonyms); keys compare without case.</summary>
    public IReadOnlyDictionary<string, string> Synonyms { get; init; } = new Dictionary<string, string>();

    /// <summary>What should be changed in the files; with any error nothing can be trained.</summary>
    public IReadOnlyList<TrainingProblem> Problems { get; init; } = [];

    /// <summary>
    /// Reads Rasa NLU YAML (<c>.yml</c>, <c>.yaml</c>, <c>.json</c>) and CSV (<c>text,intent</c>): files, or folders with such files. What is wrong is in <see cref="Problems"/>.
    /// </summary>
    public static TrainingData Read(IEnumerable<string> paths) => TrainingDataReader.Read(paths);

    /// <summary>Reads the same files as labelled utterances for an evaluation: any number of intents and of examples is good.</summary>
    public static TrainingData ReadLabelled(IEnumerable<string> paths) => TrainingDataReader.ReadLabelled(paths);

    /// <summary>The same, one path.</summary>
    public static TrainingData Read(string path) => TrainingDataReader.Read([path]);
}
