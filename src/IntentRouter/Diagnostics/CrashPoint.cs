using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace IntentRouter.Diagnostics;

/// <summary>
/// Lets a test kill this process at a named step, the way an outside SIGKILL would: <c>INTENTROUTER_CRASH_AT=step</c> or <c>step:n</c> for the
/// n-th time. Costs one null check when it is not set.
/// </summary>
internal static class CrashPoint
{
    private static readonly string? _at = Environment.GetEnvironmentVariable("INTENTROUTER_CRASH_AT");
    private static readonly ConcurrentDictionary<string, int> _seen = new();

    public static void Hit(string step)
    {
        if (_at is null)
        {
            return;
        }

        var parts = _at.Split(':');
        var wanted = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        if (parts[0] == step && _seen.AddOrUpdate(step, 1, (_, n) => n + 1) == wanted)
        {
            Process.GetCurrentProcess().Kill();
        }
    }
}
