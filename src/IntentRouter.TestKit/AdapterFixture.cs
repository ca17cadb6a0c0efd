using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IntentRouter.TestKit;

/// <summary>
/// What the conformance suites need to know of an adapter: its module, settings that lead to an engine double, and how to tell the double what to do. Derive once per
/// adapter. The kit creates the adapter as the service does. Set up and clean up in <see cref="StartAsync"/> and <see cref="StopAsync"/>; a suite uses one fixture for all
/// of its checks, one after the other.
/// </summary>
public abstract class AdapterFixture : IAsyncLifetime
{
    private AdapterUnderTest? _adapter;

    /// <summary>The module under test.</summary>
    public abstract AdapterModule Module { get; }

    /// <summary>Settings of a working entry, keys as in the configuration file (<c>key</c>, <c>list:0</c>). Read after <see cref="StartAsync"/>.</summary>
    public abstract IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>Keys without which an entry must be refused.</summary>
    public abstract IReadOnlyList<string> RequiredKeys { get; }

    /// <summary>A key that holds a secret, or <see langword="null"/>; its value must not show in messages.</summary>
    public virtual string? SecretKey => null;

    /// <summary>Whether the engine can answer without a confidence.</summary>
    public virtual bool EngineMayOmitConfidence => true;

    /// <summary>The failures that the engine can show.</summary>
    public virtual IReadOnlyCollection<AdapterFailure> Failures { get; } = Enum.GetValues<AdapterFailure>();

    /// <summary>The adapter, started.</summary>
    public NluAdapter Adapter => _adapter?.Adapter ?? throw new InvalidOperationException("The fixture has not been started.");

    /// <summary>Tells the engine what to answer to exactly this text, or with <see langword="null"/> to any other. An empty ranking means "none of mine".</summary>
    public abstract void EngineAnswers(string? text, params (string Intent, double? Confidence)[] ranking);

    /// <summary>Makes the engine fail in this way from now on, and repeat the person's text in its error where a real engine would. Needed by <c>FailureConformance</c>.</summary>
    public virtual void EngineFails(AdapterFailure failure) => throw Missing(nameof(EngineFails), "FailureConformance");

    /// <summary>Makes the engine accept a question and never answer. Needed by <c>NluAdapterConformance</c>.</summary>
    public virtual void EngineHangs() => throw Missing(nameof(EngineHangs), "NluAdapterConformance");

    /// <summary>A task that ends when the engine saw the caller hang up; <see langword="null"/> for an engine inside the process.</summary>
    public virtual Task? EngineAbandoned => null;

    /// <summary>
    /// Tells the engine to answer a text with one intent and an entity at these words, with positions in the engine's own way of counting. The words occur once in the text.
    /// Needed by <c>EntityConformance</c>.
    /// </summary>
    public virtual void EngineFinds(string text, string intent, string entity, string words) => throw Missing(nameof(EngineFinds), "EntityConformance");

    /// <summary>Tells the engine's own dialogue to answer a text with these messages, and whether it then waits for an answer. Needed by <c>DialogueConformance</c>.</summary>
    public virtual void EngineReplies(string text, string intent, IReadOnlyList<string> messages, bool waits) => throw Missing(nameof(EngineReplies), "DialogueConformance");

    /// <summary>How often a dialogue of this session was moved in the engine; 0 for engines without.</summary>
    public virtual int DialogueMoves(string sessionId) => 0;

    /// <summary>The last text that the engine was asked, or <see langword="null"/> when the double does not tell.</summary>
    public virtual string? LastText => null;

    /// <summary>Forgets answers, failures and requests; called before each check.</summary>
    public abstract void Reset();

    /// <summary>Creates an adapter from the module and the given settings, as the service does; not started. Dispose it.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is wrong.</exception>
    /// <exception cref="InvalidOperationException">A key is unknown or a value has the wrong form.</exception>
    public AdapterUnderTest Make(IReadOnlyDictionary<string, string?> settings, string name = "under-test") => AdapterUnderTest.Make(Module, settings, name);

    async Task IAsyncLifetime.InitializeAsync()
    {
        await StartAsync().ConfigureAwait(false);
        _adapter = Make(Settings);
        Reset();
        await _adapter.Adapter.StartAsync(CancellationToken.None).ConfigureAwait(false);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        if (_adapter is not null)
        {
            await _adapter.DisposeAsync().ConfigureAwait(false);
        }

        await StopAsync().ConfigureAwait(false);
    }

    /// <summary>Starts the engine double.</summary>
    protected virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>Stops the engine double.</summary>
    protected virtual Task StopAsync() => Task.CompletedTask;

    private InvalidOperationException Missing(string member, string suite) =>
        new($"{GetType().Name} does not override {member}, which {suite} needs. Override it, or declare the suite out in your AllSuitesImplemented with the reason.");
}

/// <summary>An adapter created from its module, with the container that it lives in. Dispose it to dispose both.</summary>
public sealed class AdapterUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DirectoryInfo _data;

    private AdapterUnderTest(ServiceProvider services, AdapterRegistration registration, DirectoryInfo data)
    {
        _services = services;
        _data = data;
        Registration = registration;
        Adapter = services.GetRequiredService<NluAdapter>();
    }

    /// <summary>The adapter, not started.</summary>
    public NluAdapter Adapter { get; }

    /// <summary>What the module registered.</summary>
    public AdapterRegistration Registration { get; }

    /// <summary>Creates an adapter as the service does: own container, options validated, then the adapter.</summary>
    /// <param name="module">The module.</param>
    /// <param name="settings">The entry's keys.</param>
    /// <param name="name">The entry's name.</param>
    /// <param name="configure">Changes the container, for example to give a clock.</param>
    public static AdapterUnderTest Make(
        AdapterModule module, IReadOnlyDictionary<string, string?> settings, string name = "under-test", Action<IServiceCollection>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        var data = Directory.CreateTempSubdirectory("intent-router-");
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        var registration = new AdapterRegistration(
            name, new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), services, data.FullName, Directory.GetCurrentDirectory());
        module.Register(registration);
        configure?.Invoke(services);
        if (registration.AdapterType is null)
        {
            throw new InvalidOperationException($"{module.GetType().Name}.Register names no adapter; call Use.");
        }

        var provider = services.BuildServiceProvider();
        try
        {
            registration.Validate(provider);
            return new AdapterUnderTest(provider, registration, data);
        }
        catch
        {
            provider.Dispose();
            data.Delete(recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync().ConfigureAwait(false);
        _data.Delete(recursive: true);
    }
}
