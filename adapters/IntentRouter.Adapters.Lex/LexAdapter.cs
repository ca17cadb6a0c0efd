using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Adapters.Lex;

/// <summary>Lex V2: RecognizeText moves the session's dialogue, so a reading call gets a session of its own.</summary>
internal sealed partial class LexAdapter(HttpClient http, LexOptions options, LexCredentials credentials, ILogger<LexAdapter> logger) : NluAdapter
{
    private const int TextLimit = 1024;

    private readonly HashSet<string> _fallbacks =
        [.. options.FallbackIntents.Count > 0 ? options.FallbackIntents : ["FallbackIntent", "KendraSearchIntent"]];

    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = options.Understood,
        MaxTextLength = TextLimit,
        ReportsRanking = true,
        Dialogue = true,
    };

    public override async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (options.BotAliasId == LexOptions.DraftAlias)
        {
            LogDraft();
        }

        await credentials.GetCredentialsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var converse = utterance.Mode == UnderstandingMode.Converse;
        var text = UtteranceText.Cut(utterance.Text, TextLimit);
        var (locale, replaced) = options.LocaleFor(utterance.Language);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, options.SessionPath(locale, converse ? utterance.SessionId : Guid.NewGuid().ToString("N")) + "/text");
        request.Content = EngineHttp.Json(
            // The bot's Lambda function sees it and can leave effects alone while the router only reads.
            new RecognizeRequest(text, new Dictionary<string, string> { ["intentrouter-mode"] = converse ? "converse" : "read" }),
            LexJson.Default.RecognizeRequest);
        var answer = await EngineHttp.SendAsync(http, request, LexJson.Default.RecognizeAnswer, LexErrors.Explain, cancellationToken).ConfigureAwait(false);
        var interpretations = (answer.Interpretations ?? []).Where(i => !string.IsNullOrEmpty(i.Intent?.Name)).ToArray();
        var best = interpretations.Length > 0 ? interpretations[0] : null;
        var state = answer.SessionState;
        var fellBack = best is null || _fallbacks.Contains(best.Intent!.Name!);
        // The running intent's slots are those of the whole dialogue; a reading call has no other than those that it just filled.
        var slots = state?.Intent is { Slots.Count: > 0 } running && running.Name == best?.Intent?.Name && (converse || best!.Intent!.Slots is not { Count: > 0 }) ? running.Slots : best?.Intent?.Slots;
        return new Understanding
        {
            Kind = fellBack ? UnderstandingKind.NoMatch
                : converse && best!.NluConfidence?.Score is null ? UnderstandingKind.Continued
                : UnderstandingKind.Ranked,
            Ranking = [.. interpretations
                .Where(i => !_fallbacks.Contains(i.Intent!.Name!))
                .Select(i => new IntentCandidate(i.Intent!.Name!, Confidence.Clamp(i.NluConfidence?.Score)))],
            Entities = [.. (slots ?? new Dictionary<string, LexSlot?>()).SelectMany(s => Read(s.Key, s.Value, utterance.Text))],
            Model = options.Model(locale),
            Language = LexOptions.Tag(locale),
            Warnings = (ReferenceEquals(text, utterance.Text), replaced) switch
            {
                (true, false) => [],
                (false, false) => [UtteranceText.CutWarning],
                (true, true) => ["language-replaced"],
                _ => [UtteranceText.CutWarning, "language-replaced"],
            },
            ProviderReply = converse ? Reply(answer.Messages ?? [], state) : null,
        };
    }

    // A made-up session: "no such session" shows that network, signature and rights work, and bills nothing.
    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken)
    {
        var (locale, _) = options.LocaleFor(options.Locale ?? options.Locales[0]);
        using var request = new HttpRequestMessage(HttpMethod.Get, options.SessionPath(locale, "intent-router-health"));
        string? refusal = null;
        try
        {
            await EngineHttp.SendAsync(
                http,
                request,
                LexJson.Default.LexSession,
                error =>
                {
                    refusal = error.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden ? LexErrors.Type(error) : null;
                    return LexErrors.Explain(error);
                },
                cancellationToken).ConfigureAwait(false);
            return AdapterHealth.Healthy;
        }
        catch (AdapterException) when (refusal == "ResourceNotFoundException")
        {
            return AdapterHealth.Healthy;
        }
        catch (AdapterException) when (refusal == "AccessDeniedException")
        {
            return new AdapterHealth(true, null, "The caller may not read sessions (lex:GetSession), so only the connection was checked.");
        }
    }

    private static IEnumerable<Entity> Read(string name, LexSlot? slot, string text) => slot switch
    {
        { Values: { Count: > 0 } list } => list.SelectMany(v => Read(name, v, text)),
        { SubSlots: { Count: > 0 } parts } => parts.SelectMany(p => Read($"{name}.{p.Key}", p.Value, text)),
        { Value: { } value } when (value.InterpretedValue ?? value.OriginalValue) is { Length: > 0 } resolved =>
            [UtteranceText.Locate(new Entity(name, resolved) { Text = value.OriginalValue }, text)],
        _ => [],
    };

    private static ProviderReply Reply(IReadOnlyList<LexMessage> messages, LexSessionState? state) => new()
    {
        Messages = [.. messages.Select(Words).OfType<string>().Where(w => w.Length > 0)],
        Choices = [.. messages.SelectMany(m => m.ImageResponseCard?.Buttons ?? [])
            .Where(b => !string.IsNullOrEmpty(b.Text))
            .Select(b => KeyValuePair.Create(b.Text!, b.Value ?? b.Text!))],
        Ended = state?.DialogAction?.Type is not ("ElicitSlot" or "ConfirmIntent" or "Delegate"),
        FulfilmentFailed = state?.Intent?.State == "Failed",
    };

    private static string? Words(LexMessage message) => message.ContentType switch
    {
        "CustomPayload" => null,
        "SSML" => WebUtility.HtmlDecode(Tags().Replace(message.Content ?? "", "")),
        "ImageResponseCard" => string.Join('\n', new[] { message.ImageResponseCard?.Title, message.ImageResponseCard?.Subtitle }.Where(t => !string.IsNullOrEmpty(t))),
        _ => message.Content,
    };

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    [LoggerMessage(1, LogLevel.Warning, "botAliasId names the draft (TSTALIASID): Lex throttles it after a handful of calls. Publish a version and use its alias.")]
    private partial void LogDraft();
}
