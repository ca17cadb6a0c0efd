using System.Text.Encodings.Web;
using System.Text.Json;
using IntentRouter.Configuration;
using NJsonSchema;

namespace IntentRouter.Tests.Configuration;

/// <summary>With <c>INTENTROUTER_UPDATE=1</c> the published files are written instead of compared.</summary>
public sealed class SchemaTests
{
    private const string Begin = "<!-- keys: made by SchemaTests, do not edit -->";
    private const string End = "<!-- end of keys -->";
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string SchemaText => KeyReference.Schema().ToJsonString(_indented) + "\n";

    [Fact]
    public void The_published_schema_is_the_one_of_the_options() => PublishedPage.IsCurrent("docs/intent-router.schema.json", _ => SchemaText);

    [Fact]
    public void The_guide_lists_every_key() => PublishedPage.IsCurrent("docs/guide/configuration.md", text =>
        $"{text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)]}\n\n{KeyReference.Guide()}\n\n{text[text.IndexOf(End, StringComparison.Ordinal)..]}");

    [Fact]
    public void Every_key_says_what_it_means() => Assert.Empty(KeyReference.KeysWithoutWords());

    [Fact]
    public async Task The_published_example_fits_the_schema() =>
        Assert.Empty(await ProblemsOf(Path.Combine(AppContext.BaseDirectory, "Configuration", "design-example.yaml")));

    [Fact]
    public async Task Every_sample_fits_the_schema()
    {
        var files = Directory.EnumerateFiles(Path.Combine(PublishedPage.Repository, "samples"), ConfigurationSources.DefaultFile, SearchOption.AllDirectories).ToList();

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal((file, ""), (file, string.Join('\n', await ProblemsOf(file))));
        }
    }

    [Theory]
    [InlineData("bots: { shop: { acessToken: x } }")]
    [InlineData("bots: { shop: { confidence: { answer: 2 } } }")]
    [InlineData("bots: { shop: { session: { idle: 30 } } }")]
    [InlineData("routes: { r: { slots: { s: { type: mail } } } }")]
    [InlineData("routes: { r: { reply: { fund: x } } }")]
    [InlineData("routes: { 'a b': { } }")]
    [InlineData("engine: { maxActive: many }")]
    public async Task What_the_service_refuses_the_schema_refuses(string yaml) => Assert.NotEmpty(await ProblemsOf(yaml, "x.yaml"));

    [Theory]
    [InlineData("routes: { r: { reply: key } }")]
    [InlineData("routes: { r: { reply: { found: [a, b], notFound: { say: a, handoff: { team: 3 } }, failed: { handoff: {} } } } }")]
    [InlineData("nlu: { x: { adapter: rasa, anything: [1, { of: its }] } }")]
    [InlineData("bots: { shop: { accounts: 3, languages: en, signature: ifPresent, session: { burst: 0 } } }")]
    [InlineData("actions: { a: { kind: http, body: { a: [1, { b: true }] } } }")]
    public async Task Short_forms_and_foreign_keys_fit(string yaml) => Assert.Empty(await ProblemsOf(yaml, "x.yaml"));

    /// <summary>
    /// Each key with each value. Not compared is what a schema cannot say or should not: the limits of a duration, numbers and truth values in quotes, words in
    /// another spelling.
    /// </summary>
    [Fact]
    public async Task Editor_and_service_are_of_one_mind_about_every_key_and_every_kind_of_value()
    {
        var schema = await JsonSchema.FromJsonAsync(SchemaText);
        var apart = new List<string>();
        var agreed = 0;
        foreach (var (path, property) in Keys(typeof(RouterOptions), []))
        {
            foreach (var value in _values.Concat(WordsOf(property)))
            {
                var json = path.Reverse().Aggregate(value, (inner, name) => $"{{\"{name}\":{inner}}}");
                var refusals = Refusals(json);
                var fits = schema.Validate(json).Count == 0;
                if (fits == (refusals.Count == 0))
                {
                    agreed++;
                }
                else if (fits ? refusals.Exists(r => !r.Message.Contains("duration is out of range", StringComparison.Ordinal)) : !value.StartsWith('"') || IsText(property))
                {
                    apart.Add($"{json}: schema {(fits ? "takes" : "refuses")}, service says '{string.Join("; ", refusals.Select(r => r.Message))}'");
                }
            }
        }

        Assert.Empty(apart);
        Assert.True(agreed > 3000, $"{agreed}");
    }

    private static readonly string[] _values =
    [
        "null", "true", "false", "\"true\"", "\"on\"", "\"\"", "0", "1", "-1", "7", "0.5", "1.5", "100000000", "99999999999", "\"3\"", "\"0.5\"", "\"abc\"", "\"800ms\"", "\"2h\"", "\"1h30m\"", "\"5\\u0020s\"",
        "\"400d\"", "\"2026-12-25\"", "\"2026-13-45\"", "\"25.12.2026\"", "[]", "[1]", "[\"abc\"]", "[[1]]", "[{}]", "[null]", "{}", "{\"zzz\":1}", "{\"a b\":\"x\"}", "{\"zzz\":null}", "{\"zzz\":{}}", "{\"0\":\"abc\"}",
    ];

    private static IEnumerable<string> WordsOf(System.Reflection.PropertyInfo property) =>
        System.Reflection.CustomAttributeExtensions.GetCustomAttribute<OneOfAttribute>(property)?.Words.Select(word => $"\"{word}\"") ?? [];

    private static bool IsText(System.Reflection.PropertyInfo property) =>
        property.PropertyType == typeof(string) && !property.IsDefined(typeof(OneOfAttribute), inherit: false);

    private static List<ConfigurationProblem> Refusals(string json)
    {
        var problems = new List<ConfigurationProblem>();
        var node = SettingsReader.Read(json, new SettingsSource("x.json", null), problems)!;
        var report = new ProblemReport(node);
        new SettingsBinder(report).Bind<RouterOptions>(node);
        return [.. problems, .. report.Problems];
    }

    private static IEnumerable<(string[] Path, System.Reflection.PropertyInfo Property)> Keys(Type type, string[] above)
    {
        foreach (var key in OptionKey.Of(type))
        {
            string[] path = [.. above, key.Name];
            yield return (path, key.Property);
            var inner = key.Property.PropertyType;
            if (inner.IsGenericType && inner.GetGenericArguments()[^1] is var named && OptionKey.IsSection(named))
            {
                (inner, path) = (named, [.. path, "some"]);
            }

            foreach (var below in OptionKey.IsSection(inner) && path.Length < 8 ? Keys(inner, path) : [])
            {
                yield return below;
            }
        }
    }

    private static Task<IEnumerable<string>> ProblemsOf(string file) => ProblemsOf(File.ReadAllText(file), file);

    private static async Task<IEnumerable<string>> ProblemsOf(string yaml, string file)
    {
        var problems = new List<ConfigurationProblem>();
        var node = SettingsReader.Read(yaml, new SettingsSource(file, null), problems)!;
        Assert.Empty(problems);
        var schema = await JsonSchema.FromJsonAsync(SchemaText);
        return schema.Validate(node.ToJson()!.ToJsonString()).Select(p => p.ToString());
    }
}
