using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IntentRouter;

/// <summary>
/// The entry point of an adapter assembly; a plugin has exactly one public module. The service creates it with its public parameterless constructor and calls
/// <see cref="Register"/> once for each entry under <c>nlu:</c> whose <c>adapter</c> names <see cref="Type"/>.
/// </summary>
public abstract class AdapterModule
{
    /// <summary>The word that <c>adapter:</c> names in the configuration: lower case, letters, digits and hyphens, unique among all modules.</summary>
    public abstract string Type { get; }

    /// <summary>Registers options, HTTP client and adapter of one configured entry: <c>adapter.Bind&lt;MyOptions&gt;().Use&lt;MyAdapter&gt;()</c>. Does no I/O.</summary>
    /// <param name="adapter">The entry, and where to register.</param>
    public abstract void Register(AdapterRegistration adapter);
}

/// <summary>
/// What a module may see: the entry's name, its own section, and one HTTP client; not the service's container. Used during
/// start-up by one thread.
/// </summary>
public sealed class AdapterRegistration
{
    private readonly List<Action<IServiceProvider>> _validations = [];

    /// <summary>Called by the service and by the test kit, not by modules.</summary>
    /// <param name="name">The entry's name under <c>nlu:</c>.</param>
    /// <param name="section">The entry's settings, without the keys that belong to the service.</param>
    /// <param name="services">A container of this entry's own.</param>
    /// <param name="dataDirectory">A directory for caches (trained models); exists and is writable.</param>
    /// <param name="contentRoot">The directory that relative paths in the settings refer to.</param>
    public AdapterRegistration(string name, IConfiguration section, IServiceCollection services, string dataDirectory, string contentRoot)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(services);
        Name = name;
        Section = section;
        Services = services;
        DataDirectory = dataDirectory;
        ContentRoot = contentRoot;
        services.AddSingleton(this);
    }

    /// <summary>The entry's name under <c>nlu:</c>; also the name of its options and of its HTTP client.</summary>
    public string Name { get; }

    /// <summary>A directory for caches; exists and is writable.</summary>
    public string DataDirectory { get; }

    /// <summary>The directory that relative paths in the settings refer to.</summary>
    public string ContentRoot { get; }

    /// <summary>The entry's settings, without the keys that belong to the service.</summary>
    public IConfiguration Section { get; }

    /// <summary>The entry's own container: what is added here is seen by this adapter only.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The type that <see cref="Use{TAdapter}"/> named, or <see langword="null"/> before.</summary>
    public Type? AdapterType { get; private set; }

    /// <summary>The type that <see cref="Bind{TOptions}"/> named, or <see langword="null"/>; the service checks the section's keys against it.</summary>
    public Type? OptionsType { get; private set; }

    /// <summary>The client configuration given to <see cref="AddHttpClient"/>; the service adds time-outs, retries and the circuit breaker.</summary>
    public IHttpClientBuilder? HttpClient { get; private set; }

    /// <summary>
    /// Binds the section to <typeparamref name="TOptions"/> and validates its data annotations. The options are a singleton that the adapter takes in its constructor. An
    /// unknown key or an invalid value stops the start, with path, value and remedy.
    /// </summary>
    /// <typeparam name="TOptions">A class with a settable property for each key; <c>camelCase</c> in the file is <c>PascalCase</c> here.</typeparam>
    /// <returns>This registration, to chain.</returns>
    public AdapterRegistration Bind<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TOptions>()
        where TOptions : class, new()
    {
        OptionsType = typeof(TOptions);
        Services.AddOptions<TOptions>(Name).Bind(Section, o => o.ErrorOnUnknownConfiguration = true);
        Services.AddSingleton<IValidateOptions<TOptions>>(new Validation<TOptions>(Name, Annotations));
        Services.AddSingleton(provider => provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(Name));
        _validations.Add(provider => provider.GetRequiredService<TOptions>());
        return this;
    }

    /// <summary>
    /// Adds a check that goes beyond annotations, for example of two keys against each other.
    /// </summary>
    /// <param name="problem">Returns <c>key: a sentence with the remedy</c>, or <see langword="null"/> when all is well. Never the value of a secret.</param>
    /// <returns>This registration, to chain.</returns>
    public AdapterRegistration Check<TOptions>(Func<TOptions, string?> problem)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(problem);
        Services.AddSingleton<IValidateOptions<TOptions>>(
            new Validation<TOptions>(Name, options => problem(options) is { } text ? [text] : []));
        return this;
    }

    /// <summary>
    /// Names the adapter. Its constructor may take the options, <see cref="System.Net.Http.HttpClient"/>, <see cref="TimeProvider"/>, loggers, this registration, and what was
    /// added to <see cref="Services"/>.
    /// </summary>
    /// <returns>This registration, to chain.</returns>
    public AdapterRegistration Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TAdapter>()
        where TAdapter : NluAdapter
    {
        AdapterType = typeof(TAdapter);
        Services.AddSingleton<NluAdapter, TAdapter>();
        return this;
    }

    /// <summary>
    /// Adds the entry's HTTP client, injected as <see cref="System.Net.Http.HttpClient"/>. Redirects are not followed. Do not add resilience handlers: the service adds
    /// them from the entry's <c>timeout</c>, <c>attemptTimeout</c> and <c>retries</c>.
    /// </summary>
    /// <param name="configure">Sets base address and headers; called once for each client.</param>
    /// <returns>The builder, for further handlers, for example one that signs requests.</returns>
    public IHttpClientBuilder AddHttpClient(Action<IServiceProvider, HttpClient> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        // The factory's own loggers write addresses, which may hold session ids; the service measures the calls.
        HttpClient = Services.AddHttpClient(Name, configure)
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        var name = Name;
        Services.AddTransient(provider => provider.GetRequiredService<IHttpClientFactory>().CreateClient(name));
        return HttpClient;
    }

    /// <summary>Throws when the bound options are invalid. Called by the service at start and by <c>check</c>, not by modules.</summary>
    /// <exception cref="OptionsValidationException">An annotation or a check failed.</exception>
    /// <exception cref="InvalidOperationException">A key is unknown or a value has the wrong form.</exception>
    public void Validate(IServiceProvider provider) => _validations.ForEach(v => v(provider));

    // The library's own annotation check names the C# member; an operator knows the key.
    private static IEnumerable<string> Annotations<TOptions>(TOptions options)
        where TOptions : class
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Select(r => $"{string.Join(", ", r.MemberNames.Select(Key))}: {r.ErrorMessage}");

        static string Key(string member) => char.ToLowerInvariant(member[0]) + member[1..];
    }

    private sealed class Validation<TOptions>(string name, Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? optionsName, TOptions options) =>
            optionsName != name ? ValidateOptionsResult.Skip
            : problems(options).ToArray() is { Length: > 0 } failures ? ValidateOptionsResult.Fail(failures)
            : ValidateOptionsResult.Success;
    }
}
