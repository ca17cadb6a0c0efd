using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace IntentRouter.ServiceTests.Management;

/// <summary>The document at <c>/openapi/v1.json</c> is enough to write a client from.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_operation_has_a_summary_and_every_answer_with_a_body_a_schema()
    {
        await using var app = await RouterApplication.StartAsync();

        var document = (await app.Management.GetFromJsonAsync<JsonObject>(new Uri("/openapi/v1.json", UriKind.Relative)))!;

        Assert.Equal("IntentRouter management API", (string?)document["info"]!["title"]);
        Assert.NotEmpty((string)document["info"]!["version"]!);
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (Name: $"{o.Key} {p.Key}", Operation: o.Value!))).ToList();
        Assert.True(operations.Count >= 20, $"only {operations.Count} operations");
        foreach (var (name, operation) in operations)
        {
            Assert.StartsWith("/api/", name.Split(' ')[1], StringComparison.Ordinal);
            Assert.True(operation["summary"] is not null, $"{name} has no summary");
            var answers = operation["responses"]!.AsObject();
            Assert.True(answers.Any(a => a.Key.StartsWith('2')), $"{name} has no good answer");
            Assert.All(answers.Where(a => a.Key is not ("204" or "401" or "404")), a =>
                Assert.True(a.Value!["content"]?.AsObject().All(c => c.Value!["schema"]?.AsObject().Count > 0) == true, $"{name}: {a.Key} has no schema"));
        }
    }

    [Fact]
    public async Task Members_of_an_answer_are_named_as_they_are_sent()
    {
        await using var app = await RouterApplication.StartAsync();

        var document = (await app.Management.GetFromJsonAsync<JsonObject>(new Uri("/openapi/v1.json", UriKind.Relative)))!;
        var sent = (await app.Management.GetFromJsonAsync<JsonObject>(new Uri("/api/health", UriKind.Relative)))!;

        var said = Resolve(document, document["paths"]!["/api/health"]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!)["properties"]!.AsObject();
        Assert.Equal(sent.Select(m => m.Key).Order(), said.Select(m => m.Key).Order());
        // What may be null is left out, so it is not required.
        Assert.DoesNotContain("statistics", document["components"]!["schemas"]!["StoreHealth"]!["required"]!.AsArray().Select(r => (string)r!));
    }

    private static JsonNode Resolve(JsonObject document, JsonNode schema) =>
        (string?)schema["$ref"] is { } reference ? document["components"]!["schemas"]![reference.Split('/')[^1]]! : schema;
}
