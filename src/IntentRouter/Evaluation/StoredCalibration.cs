using System.Text.Json;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Evaluation;

/// <summary>One calibration as it is stored.</summary>
/// <param name="Model">The model it was fitted for; another model is uncalibrated again.</param>
/// <param name="ErrorBefore">Calibration error of the raw confidence.</param>
/// <param name="ErrorAfter">The same after the fit, on utterances that the fit did not see.</param>
internal sealed record CalibrationFit(
    string Adapter, string? Model, string Language, ReliabilityFit Map, int Utterances, double ErrorBefore, double ErrorAfter, DateTimeOffset At)
{
    public string Key => StoredCalibration.KeyOf(Adapter, Model, Language);
}

/// <summary>The calibrations of the store, read at start and now and then, since another replica or the command line may write them. Thread-safe.</summary>
internal sealed partial class StoredCalibration(IEventStore store, TimeProvider clock, ILogger<StoredCalibration> logger) : BackgroundService, ICalibration
{
    public const string Area = "calibration";

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private volatile IReadOnlyDictionary<string, CalibrationFit> _fits = new Dictionary<string, CalibrationFit>();

    public IEnumerable<CalibrationFit> All => _fits.Values;

    public static string KeyOf(string adapter, string? model, string language) =>
        $"{adapter.ToLowerInvariant()}|{model}|{language.Split('-')[0].ToLowerInvariant()}";

    public static string Write(CalibrationFit fit) => JsonSerializer.Serialize(fit, _json);

    public static CalibrationFit? Read(string text) => JsonSerializer.Deserialize<CalibrationFit>(text, _json);

    /// <summary>The fits of stored values; what cannot be read is left out.</summary>
    public static IReadOnlyDictionary<string, CalibrationFit> ReadAll(IReadOnlyDictionary<string, string> values)
    {
        var fits = new Dictionary<string, CalibrationFit>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            try
            {
                if (Read(value) is { } fit)
                {
                    fits[key] = fit;
                }
            }
            catch (JsonException)
            {
                // Written by a newer version: uncalibrated is what this one then says.
            }
        }

        return fits;
    }

    public Func<double?, double>? Find(string adapter, string? model, string language) =>
        _fits.GetValueOrDefault(KeyOf(adapter, model, language)) is { } fit ? fit.Map.Apply : null;

    public async Task RefreshAsync(CancellationToken cancellationToken) => _fits = ReadAll(await store.ListAsync(Area, cancellationToken));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (StoreUnavailableException ex)
            {
                LogNotRead(ex);
            }
        }
    }

    [LoggerMessage(3201, LogLevel.Warning, "The stored calibrations could not be read; the known ones stay in use")]
    private partial void LogNotRead(Exception exception);
}
