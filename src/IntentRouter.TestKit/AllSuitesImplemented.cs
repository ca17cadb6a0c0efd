using System.Reflection;
using Xunit;

namespace IntentRouter.TestKit;

/// <summary>
/// Fails while a fixture of your test assembly has a suite that is neither derived nor declared out. Derive once per test project:
/// <c>public sealed class Suites : AllSuitesImplemented;</c>
/// </summary>
public abstract class AllSuitesImplemented
{
    /// <summary>The suites for engines that can be told what to answer, as open generic types.</summary>
    public static IReadOnlyList<Type> Suites { get; } =
    [
        typeof(NluAdapterConformance<>),
        typeof(FailureConformance<>),
        typeof(EntityConformance<>),
        typeof(ConfigurationConformance<>),
        typeof(DialogueConformance<>),
    ];

    private static readonly Type[] _trained = [typeof(TrainedEngineConformance<>), typeof(ConfigurationConformance<>)];

    /// <summary>Suites that do not apply, each with fixture and reason.</summary>
    protected virtual IEnumerable<DeclaredOut> DeclaredOut => [];

    /// <summary>The check.</summary>
    [Fact]
    public void Every_suite_is_derived_or_declared_out()
    {
        var missing = Missing(GetType().Assembly, DeclaredOut.ToArray()).ToArray();
        Assert.True(missing.Length == 0, string.Join(Environment.NewLine, missing));
    }

    /// <summary>The suites that apply to a fixture.</summary>
    public static IReadOnlyList<Type> For(Type fixture) => typeof(TrainedAdapterFixture).IsAssignableFrom(fixture) ? _trained : Suites;

    /// <summary>The concrete class that runs a suite on a fixture in the fixture's assembly, or <see langword="null"/>.</summary>
    public static Type? Find(Type suite, Type fixture)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(fixture);
        var closed = suite.MakeGenericType(fixture);
        return fixture.Assembly.GetTypes().FirstOrDefault(t => !t.IsAbstract && t.IsSubclassOf(closed));
    }

    private static IEnumerable<string> Missing(Assembly assembly, DeclaredOut[] declared)
    {
        var fixtures = assembly.GetExportedTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(AdapterFixture))).ToArray();
        if (fixtures.Length == 0)
        {
            yield return $"{assembly.GetName().Name} has no public AdapterFixture.";
        }

        foreach (var fixture in fixtures)
        {
            foreach (var suite in For(fixture))
            {
                var name = suite.Name.Split('`')[0];
                var reason = Array.Find(declared, d => d.Suite == suite && d.Fixture == fixture)?.Reason;
                var found = Find(suite, fixture) is { IsPublic: true };
                if (!found && string.IsNullOrWhiteSpace(reason))
                {
                    yield return $"{name}<{fixture.Name}> is neither derived nor declared out with a reason.";
                }
                else if (found && reason is not null)
                {
                    yield return $"{name}<{fixture.Name}> is derived and declared out; drop one of the two.";
                }
            }
        }
    }
}

/// <summary>A suite that does not apply to an adapter.</summary>
/// <param name="Fixture">The adapter's fixture.</param>
/// <param name="Suite">The suite, for example <c>typeof(DialogueConformance&lt;&gt;)</c>.</param>
/// <param name="Reason">Why.</param>
public sealed record DeclaredOut(Type Fixture, Type Suite, string Reason);
