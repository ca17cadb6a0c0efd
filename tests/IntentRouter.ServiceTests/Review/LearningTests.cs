using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IntentRouter.Review;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Review;

/// <summary>From a label or a takeover in the store to the model that answers.</summary>
public sealed class LearningTests
{
    private static readonly string[] _intents = ["order_status", "talk_to_human", "complaint"];

    [Fact]
    public async Task What_people_say_reaches_the_model_through_the_store()
    {
        var options = Options();
        await using var app = await RouterApplication.StartAsync(options);
        await app.SayAsync(app.NewCustomer(), "zebra quagga okapi");
        var taken = app.NewCustomer();
        await app.SayAsync(taken, "marzipan nougat");
        app.Agent.Reply(taken.Conversation!, "Sure, we have both.");
        await app.SettleAsync();
        foreach (var item in (await app.Management.GetFromJsonAsync<JsonArray>(new Uri("/api/review", UriKind.Relative)))!.Where(i => ((string)i!["text"]!).StartsWith("zebra", StringComparison.Ordinal)))
        {
            (await app.Management.PostAsJsonAsync(new Uri($"/api/review/{item!["id"]}/label", UriKind.Relative), new { label = "order_status", by = "Mara" })).EnsureSuccessStatusCode();
        }

        await app.Services.GetRequiredService<LearnedMaterial>().LookAsync(settled: true, CancellationToken.None);

        var file = Path.Combine(options.Directory, ".data", "nlu", "own", "learned.csv");
        Assert.Equal("text,intent\n\"marzipan nougat\",\"out_of_scope\"\n\"zebra quagga okapi\",\"order_status\"\n", await File.ReadAllTextAsync(file));
        var limit = Quiet.Limit();
        string? health;
        do
        {
            health = (string?)(await app.Management.GetFromJsonAsync<JsonObject>(new Uri("/api/health", UriKind.Relative), limit))!["adapters"]!.AsArray().Single(a => (string?)a!["name"] == "own")!["description"];
        }
        while (health?.Contains("2 utterances learned from people", StringComparison.Ordinal) != true);

        Assert.Contains("2 utterances learned from people", await app.Management.GetStringAsync(new Uri("/health", UriKind.Relative)), StringComparison.Ordinal);
        var again = app.NewCustomer();
        await app.SayAsync(again, "Zebra quagga okapi!");
        var turns = (await app.Management.GetFromJsonAsync<JsonArray>(new Uri($"/api/conversations/{app.Account.Id}/{again.Conversation!.Id}/turns", UriKind.Relative)))!;
        Assert.Equal("order_status", (string)turns[0]!["understanding"]![0]!["intent"]!);
    }

    [Fact]
    public async Task A_takeover_teaches_nothing_where_that_is_switched_off_and_nothing_is_kept_where_the_queue_is()
    {
        await using var labels = await RouterApplication.StartAsync(Options() with { BotYaml = "review: { learnTakeovers: false }" });
        await using var none = await RouterApplication.StartAsync(Options() with { BotYaml = "review: { on: false }" });
        foreach (var app in (RouterApplication[])[labels, none])
        {
            var customer = app.NewCustomer();
            await app.SayAsync(customer, "marzipan nougat");
            app.Agent.Reply(customer.Conversation!, "Sure.");
            await app.SettleAsync();
            var learned = await LearnedMaterial.ReadAsync(app.Services.GetRequiredService<Configuration.ILiveConfiguration>().Current, app.Store.ReadLearnedAsync, CancellationToken.None);
            Assert.Empty(learned["own"]);
        }

        Assert.Single(await labels.Store.ListReviewAsync(null, null, 0, 10, CancellationToken.None));
        Assert.Empty(await none.Store.ListReviewAsync(null, null, 0, 10, CancellationToken.None));
    }

    private static RouterApplicationOptions Options()
    {
        var options = new RouterApplicationOptions { BotNlu = "{ use: [own] }", NluYaml = "own: { adapter: local, training: nlu.csv, embedding: none, " + RouterApplication.SlowMachine + " }" };
        Directory.CreateDirectory(options.Directory);
        File.WriteAllText(Path.Combine(options.Directory, "nlu.csv"), "text,intent\n" + string.Concat(
            from intent in _intents
            from words in (string[])["where is my {0}", "I want the {0} now", "please {0}", "what about {0} today", "{0}"]
            select string.Format(System.Globalization.CultureInfo.InvariantCulture, words, intent.Replace('_', ' ')) + "," + intent + "\n"));
        return options;
    }
}
