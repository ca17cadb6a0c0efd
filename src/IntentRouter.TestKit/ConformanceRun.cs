using System.Reflection;
using Xunit;
using Xunit.Sdk;

namespace IntentRouter.TestKit;

/// <summary>Runs the suites that are derived for a fixture without a test runner, for a pass list or to see that a broken adapter fails.</summary>
public static class ConformanceRun
{
    /// <summary>Runs every suite that is derived for the fixture, each on a new fixture, check by check.</summary>
    public static Task<IReadOnlyList<ConformanceResult>> RunAsync<TFixture>()
        where TFixture : AdapterFixture, new() =>
        RunAsync<TFixture>([.. AllSuitesImplemented.For(typeof(TFixture)).Select(s => AllSuitesImplemented.Find(s, typeof(TFixture))).OfType<Type>()]);

    /// <summary>Runs these suites.</summary>
    /// <param name="suites">Concrete classes whose constructor takes the fixture.</param>
    public static async Task<IReadOnlyList<ConformanceResult>> RunAsync<TFixture>(params Type[] suites)
        where TFixture : AdapterFixture, new()
    {
        ArgumentNullException.ThrowIfNull(suites);
        var results = new List<ConformanceResult>();
        foreach (var suite in suites)
        {
            var fixture = new TFixture();
            await ((IAsyncLifetime)fixture).InitializeAsync().ConfigureAwait(false);
            try
            {
                foreach (var (check, arguments) in Checks(suite))
                {
                    var problem = await RunAsync(suite, fixture, check, arguments).ConfigureAwait(false);
                    results.Add(new ConformanceResult(fixture.Module.Type, check.DeclaringType!.Name.Split('`')[0], check.Name, problem));
                }
            }
            finally
            {
                await ((IAsyncLifetime)fixture).DisposeAsync().ConfigureAwait(false);
            }
        }

        return results;
    }

    private static IEnumerable<(MethodInfo Check, object[] Arguments)> Checks(Type suite) =>
        suite.GetMethods().OrderBy(m => m.Name, StringComparer.Ordinal).Where(m => m.GetCustomAttribute<FactAttribute>() is not null).SelectMany(m =>
            m.GetCustomAttributes<DataAttribute>().SelectMany(d => d.GetData(m)).DefaultIfEmpty([]).Select(arguments => (m, arguments)));

    private static async Task<string?> RunAsync(Type suite, AdapterFixture fixture, MethodInfo check, object[] arguments)
    {
        try
        {
            if (check.Invoke(Activator.CreateInstance(suite, fixture), arguments) is Task task)
            {
                await task.ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception ex)
        {
            return (ex is TargetInvocationException { InnerException: { } inner } ? inner : ex).Message;
        }
    }
}

/// <summary>The outcome of one check.</summary>
/// <param name="Adapter">The module's type.</param>
/// <param name="Suite">The suite's name.</param>
/// <param name="Check">The check's name; once per row of its table.</param>
/// <param name="Problem">What went wrong, or <see langword="null"/> when it passed.</param>
public sealed record ConformanceResult(string Adapter, string Suite, string Check, string? Problem)
{
    /// <summary>Whether it passed.</summary>
    public bool Passed => Problem is null;
}
