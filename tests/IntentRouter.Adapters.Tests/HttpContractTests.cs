using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IntentRouter.Adapters.Http;
using YamlDotNet.Serialization;

namespace IntentRouter.Adapters.Tests;

/// <summary>The published contract of <c>adapter: http</c> and the types that are read and written name the same members and words.</summary>
public sealed class HttpContractTests
{
    private static readonly Node _contract = new(new DeserializerBuilder().Build().Deserialize<object>(
        File.ReadAllText(Path.Combine(Repository.Root, "docs/adapters/http-adapter.openapi.yaml"))));

    [Theory]
    [InlineData("/v1/understand", "post", "requestBody", typeof(UnderstandRequest))]
    [InlineData("/v1/understand", "post", "responses 200", typeof(UnderstandAnswer))]
    [InlineData("/v1/health", "get", "responses 200", typeof(HealthAnswer))]
    public void The_published_contract_is_the_one_that_is_spoken(string path, string method, string body, Type type)
    {
        var content = body.Split(' ').Aggregate(_contract["paths"][path][method], (node, step) => node[step])["content"]["application/json"]["schema"];

        var differences = new List<string>();
        Compare(path, content, HttpEngineJson.Default.GetTypeInfo(type)!, differences);

        Assert.Empty(differences);
    }

    private static void Compare(string at, Node schema, JsonTypeInfo type, List<string> differences)
    {
        schema = schema.Find("$ref") is { } reference ? reference.Text.Split('/')[1..].Aggregate(_contract, (node, step) => node[step]) : schema;
        var kind = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (kind == typeof(JsonElement))
        {
            return;
        }

        if (kind.IsEnum)
        {
            var words = Enum.GetValues(kind).Cast<object>().Select(word => JsonSerializer.SerializeToElement(word, HttpEngineJson.Default.GetTypeInfo(kind)!).GetString()!);
            Differ(at, schema["enum"].Texts, words, differences);
        }
        else if (type.Kind == JsonTypeInfoKind.Object)
        {
            Differ(at, schema["properties"].Names, type.Properties.Select(property => property.Name), differences);
            foreach (var property in type.Properties.Where(property => schema["properties"].Find(property.Name) is not null))
            {
                Compare($"{at}.{property.Name}", schema["properties"][property.Name], HttpEngineJson.Default.GetTypeInfo(property.PropertyType)!, differences);
            }
        }
        else if (type.Kind == JsonTypeInfoKind.Enumerable)
        {
            Differ(at, [schema["type"].Text], ["array"], differences);
            Compare($"{at}[]", schema["items"], HttpEngineJson.Default.GetTypeInfo(type.ElementType!)!, differences);
        }
        else
        {
            var name = kind == typeof(string) ? "string" : kind == typeof(bool) ? "boolean" : kind == typeof(int) ? "integer" : "number";
            Differ(at, [schema["type"].Text], [name], differences);
        }
    }

    private static void Differ(string at, IEnumerable<string> published, IEnumerable<string> spoken, List<string> differences)
    {
        var (theirs, ours) = (published.Order(StringComparer.Ordinal).ToArray(), spoken.Order(StringComparer.Ordinal).ToArray());
        if (!theirs.SequenceEqual(ours))
        {
            differences.Add($"{at}: published {string.Join(' ', theirs)}; spoken {string.Join(' ', ours)}");
        }
    }

    private readonly record struct Node(object? Value)
    {
        public Node this[string name] => Find(name) ?? throw new KeyNotFoundException($"The contract has no '{name}' here.");

        public string Text => (string)Value!;

        public IEnumerable<string> Texts => ((IList)Value!).Cast<string>();

        public IEnumerable<string> Names => ((IDictionary)Value!).Keys.Cast<string>();

        public Node? Find(string name) => Value is IDictionary map && map.Contains(name) ? new Node(map[name]) : null;
    }
}
