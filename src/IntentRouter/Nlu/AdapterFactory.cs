using System.Security.Cryptography;
using System.Text;
using IntentRouter.Configuration;

namespace IntentRouter.Nlu;

/// <summary>Makes adapters from entries: each in a container of its own, in which the module sees its settings, a clock and a log, and nothing of the service.</summary>
internal sealed class AdapterFactory(ModuleRegistry modules, NluTelemetry telemetry, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(typeof(ConfiguredAdapter).FullName!);

    public ConfiguredAdapter Create(string name, NluEntryOptions options, string root)
    {
        var services = Build(name, options, options.Directory.Length > 0 ? options.Directory : root, DataDirectory(root, name), out var registration);
        try
        {
            registration.Validate(services);
            return new ConfiguredAdapter(name, options.Adapter, Fingerprint(options), options, services, telemetry, clock, _logger);
        }
        catch
        {
            services.Dispose();
            throw;
        }
    }

    /// <summary>The entry's container; nothing in it has been made yet.</summary>
    public ServiceProvider Build(string name, NluEntryOptions options, string directory, string dataDirectory, out AdapterRegistration registration)
    {
        var module = modules.Find(options.Adapter)?.Module ?? throw new InvalidOperationException($"nlu:{name}:adapter '{options.Adapter}' is not installed.");
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddSingleton(loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        registration = new AdapterRegistration(name, options.Settings, services, dataDirectory, directory);
        module.Register(registration);
        return registration.AdapterType is null
            ? throw new InvalidOperationException($"The module '{options.Adapter}' names no adapter for nlu:{name}; its Register must call Use.")
            : services.BuildServiceProvider();
    }

    /// <summary>What tells one state of an entry from another. A hash: the settings hold secrets.</summary>
    public static string Fingerprint(NluEntryOptions options)
    {
        var service = typeof(NluEntryOptions).GetProperties().Where(p => p.Name != nameof(NluEntryOptions.Settings))
            .Select(p => $"{p.Name}={(p.GetValue(options) is List<string> list ? string.Join(',', list) : p.GetValue(options))}");
        var module = options.Settings.AsEnumerable().Where(p => p.Value is not null).OrderBy(p => p.Key, StringComparer.OrdinalIgnoreCase).Select(p => $"{p.Key}:{p.Value}");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', service.Concat(module)))));
    }

    // A container's configuration is read-only, its working directory the volume that stays; without either, caches are made again.
    public static string DataDirectory(string root, string name)
    {
        string[] places = [Path.Combine(root, ".data"), Path.GetFullPath(".data"), Path.Combine(Path.GetTempPath(), "intent-router")];
        foreach (var place in places[..^1])
        {
            try
            {
                var directory = Directory.CreateDirectory(Path.Combine(place, "nlu", name)).FullName;
                // A directory that is there already says nothing about the right to write into it.
                using var probe = new FileStream(Path.Combine(directory, $".{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                return directory;
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // The next place.
            }
        }

        return Directory.CreateDirectory(Path.Combine(places[^1], "nlu", name)).FullName;
    }
}
