using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Conformance;

public sealed class RasaUnderstanding(RasaFixture fixture) : NluAdapterConformance<RasaFixture>(fixture);

public sealed class RasaFailures(RasaFixture fixture) : FailureConformance<RasaFixture>(fixture);

public sealed class RasaEntities(RasaFixture fixture) : EntityConformance<RasaFixture>(fixture);

public sealed class RasaConfiguration(RasaFixture fixture) : ConfigurationConformance<RasaFixture>(fixture);

public sealed class RasaDialogue(RasaFixture fixture) : DialogueConformance<RasaFixture>(fixture);

public sealed class HttpUnderstanding(HttpEngineFixture fixture) : NluAdapterConformance<HttpEngineFixture>(fixture);

public sealed class HttpFailures(HttpEngineFixture fixture) : FailureConformance<HttpEngineFixture>(fixture);

public sealed class HttpEntities(HttpEngineFixture fixture) : EntityConformance<HttpEngineFixture>(fixture);

public sealed class HttpConfiguration(HttpEngineFixture fixture) : ConfigurationConformance<HttpEngineFixture>(fixture);

public sealed class HttpDialogue(HttpEngineFixture fixture) : DialogueConformance<HttpEngineFixture>(fixture);

public sealed class DialogflowEsUnderstanding(DialogflowEsFixture fixture) : NluAdapterConformance<DialogflowEsFixture>(fixture);

public sealed class DialogflowEsFailures(DialogflowEsFixture fixture) : FailureConformance<DialogflowEsFixture>(fixture);

public sealed class DialogflowEsEntities(DialogflowEsFixture fixture) : EntityConformance<DialogflowEsFixture>(fixture);

public sealed class DialogflowEsConfiguration(DialogflowEsFixture fixture) : ConfigurationConformance<DialogflowEsFixture>(fixture);

public sealed class DialogflowEsDialogue(DialogflowEsFixture fixture) : DialogueConformance<DialogflowEsFixture>(fixture);

public sealed class DialogflowCxUnderstanding(DialogflowCxFixture fixture) : NluAdapterConformance<DialogflowCxFixture>(fixture);

public sealed class DialogflowCxFailures(DialogflowCxFixture fixture) : FailureConformance<DialogflowCxFixture>(fixture);

public sealed class DialogflowCxEntities(DialogflowCxFixture fixture) : EntityConformance<DialogflowCxFixture>(fixture);

public sealed class DialogflowCxConfiguration(DialogflowCxFixture fixture) : ConfigurationConformance<DialogflowCxFixture>(fixture);

public sealed class DialogflowCxDialogue(DialogflowCxFixture fixture) : DialogueConformance<DialogflowCxFixture>(fixture);

public sealed class LexUnderstanding(LexFixture fixture) : NluAdapterConformance<LexFixture>(fixture);

public sealed class LexFailures(LexFixture fixture) : FailureConformance<LexFixture>(fixture);

public sealed class LexEntities(LexFixture fixture) : EntityConformance<LexFixture>(fixture);

public sealed class LexConfiguration(LexFixture fixture) : ConfigurationConformance<LexFixture>(fixture);

public sealed class LexDialogue(LexFixture fixture) : DialogueConformance<LexFixture>(fixture);

public sealed class LanguageModelUnderstanding(LanguageModelFixture fixture) : NluAdapterConformance<LanguageModelFixture>(fixture);

public sealed class LanguageModelFailures(LanguageModelFixture fixture) : FailureConformance<LanguageModelFixture>(fixture);

public sealed class LanguageModelEntities(LanguageModelFixture fixture) : EntityConformance<LanguageModelFixture>(fixture);

public sealed class LanguageModelConfiguration(LanguageModelFixture fixture) : ConfigurationConformance<LanguageModelFixture>(fixture);

public sealed class LocalUnderstanding(LocalFixture fixture) : TrainedEngineConformance<LocalFixture>(fixture);

public sealed class LocalConfiguration(LocalFixture fixture) : ConfigurationConformance<LocalFixture>(fixture);

public sealed class Suites : AllSuitesImplemented
{
    protected override IEnumerable<DeclaredOut> DeclaredOut =>
        [new(typeof(LanguageModelFixture), typeof(DialogueConformance<>), "A model names intents; it has no dialogue of its own and may not write to customers.")];
}
