using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IntentRouter.Adapters.Local.Training;

namespace IntentRouter.ServiceTests.Review;

/// <summary>From what a customer said to a label and a training file, over HTTP, with the real host.</summary>
public sealed class ReviewQueueTests
{
    [Fact]
    public async Task What_was_not_understood_waits_for_a_look_without_personal_data()
    {
        await using var app = await RouterApplication.StartAsync();
        var customer = app.NewCustomer();

        await app.SayAsync(customer, "My invoice for jane.doe@example.com and order 48213 is wrong");

        var item = Assert.Single(await ListAsync(app));
        Assert.Equal(("fallback", "open", 1, "main", "shop"), (Text(item, "reason"), Text(item, "state"), (int)item["count"]!, Text(item, "adapter"), Text(item, "bot")));
        Assert.Equal($"shop/{app.Account.Id}/{customer.Conversation!.Id}", Text(item, "conversation"));
        Assert.StartsWith("My invoice for ", Text(item, "text"), StringComparison.Ordinal);
        Assert.DoesNotContain("jane.doe", item.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("48213", item.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, l => l.Contains("invoice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_question_by_two_customers_is_one_item()
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), "do you ship to the moon?");
        await app.SayAsync(app.NewCustomer(), "Do you ship to the Moon");

        Assert.Equal(2, (int)Assert.Single(await ListAsync(app))["count"]!);
    }

    [Fact]
    public async Task A_colleague_who_answers_in_the_bots_stead_is_a_takeover()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { IntentsYaml = "hours: { reply: order.ask_number }" });
        app.Script.Knows("can I bring my dog", "hours");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "can I bring my dog");
        Assert.Empty(await ListAsync(app));

        app.Agent.Reply(customer.Conversation!, "Of course!");
        app.Agent.Reply(customer.Conversation!, "On a leash.");
        await app.SettleAsync();

        var item = Assert.Single(await ListAsync(app));
        Assert.Equal(("takeover", 1, 1, "can I bring my dog"), (Text(item, "reason"), (int)item["takeovers"]!, (int)item["count"]!, Text(item, "text")));
        Assert.Equal("hours", Text(item["candidates"]![0]!, "intent"));
    }

    [Fact]
    public async Task A_colleague_who_joins_after_the_customer_went_along_with_the_bot_teaches_nothing()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order?", "order_status");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "Where is my order?");
        await app.SayAsync(customer, "10427");

        app.Agent.Reply(customer.Conversation!, "I am here.");
        await app.SettleAsync();

        Assert.Equal(0, (int)Assert.Single(await ListAsync(app))["takeovers"]!);
        Assert.Empty((await app.Management.GetFromJsonAsync<JsonArray>(new Uri("/api/learned?bot=shop", UriKind.Relative)))!);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Another_intent_that_a_colleague_writes_into_the_conversation_is_proposed(string version)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatVersion = version });
        app.Script.Knows("this is a scandal, where is it", "complaint");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "this is a scandal, where is it");
        Assert.Equal("complaint", customer.Conversation!.CustomAttributes.GetProperty("bot_intent").GetString());
        Assert.Empty(await ListAsync(app));

        customer.Conversation.SetCustomAttributes(new { bot_intent = "order_status" });
        await app.SettleAsync();
        app.Agent.Reply(customer.Conversation, "Let me look.");
        await app.SettleAsync();

        var item = Assert.Single(await ListAsync(app));
        Assert.Equal(("correction", "order_status", "open"), (Text(item, "reason"), Text(item, "suggestion"), Text(item, "state")));
    }

    [Fact]
    public async Task A_label_is_kept_exported_and_can_be_trained_from()
    {
        await using var app = await RouterApplication.StartAsync();
        foreach (var text in (string[])["- \"where\", is [my](order) 'parcel'?", "=1+1 is it shipped: yes #no", "do you sell tea", "this is nothing at all"])
        {
            await app.SayAsync(app.NewCustomer(), text);
        }

        foreach (var item in await ListAsync(app))
        {
            var label = Text(item, "text")!.Contains("tea", StringComparison.Ordinal) ? "out_of_scope" : "order_status";
            if (!Text(item, "text")!.Contains("nothing", StringComparison.Ordinal))
            {
                Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(app, $"{item["id"]}/label", new { label, by = "Mara" })).StatusCode);
            }
        }

        Assert.Equal("this is nothing at all", Text(Assert.Single(await ListAsync(app)), "text"));
        Assert.All(await ListAsync(app, "labelled"), i => Assert.Equal("Mara", Text(i, "by")));
        foreach (var (format, file) in ((string, string)[])[("rasa", "review.yml"), ("csv", "review.csv")])
        {
            var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}-{file}");
            await File.WriteAllTextAsync(path, await app.Management.GetStringAsync(new Uri($"/api/review/export?bot=shop&format={format}", UriKind.Relative)));
            var read = TrainingData.ReadLabelled([path]);
            File.Delete(path);

            Assert.Empty(read.Problems);
            Assert.Equal(
                [("\"where\", is [my] (order) 'parcel'?", "order_status"), ("1+1 is it shipped: yes #no", "order_status"), ("do you sell tea", "out_of_scope")],
                read.Examples.Select(e => (e.Text, e.Intent)).Order());
            Assert.All(read.Examples, e => Assert.Empty(e.Entities));
        }
    }

    [Fact]
    public async Task Nothing_labelled_is_still_a_readable_file()
    {
        await using var app = await RouterApplication.StartAsync();

        Assert.Equal("text,intent\n", await app.Management.GetStringAsync(new Uri("/api/review/export?format=csv", UriKind.Relative)));
        Assert.Contains("nlu: []", await app.Management.GetStringAsync(new Uri("/api/review/export", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_judgement_is_refused_with_the_remedy()
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), "do you ship to the moon?");
        var id = (long)Assert.Single(await ListAsync(app))["id"]!;

        var wrong = await PostAsync(app, $"{id}/label", new { label = "order_statsu", by = "Mara" });

        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("Did you mean 'order_status'?", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(app, $"{id + 1}/label", new { label = "order_status" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(app, $"{id + 1}/dismiss", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Management.GetAsync(new Uri("/api/review?state=old", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Management.GetAsync(new Uri("/api/review/export?bot=nobody", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Management.GetAsync(new Uri("/api/review/export?format=xml", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Management.GetAsync(new Uri("/api/shadows?since=yesterday", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Management.GetAsync(new Uri("/api/shadows?since=9999999d", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_dismissal_can_be_taken_back()
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), "do you ship to the moon?");
        var id = (long)Assert.Single(await ListAsync(app))["id"]!;

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(app, $"{id}/dismiss", new { by = "Jonas" })).StatusCode);
        Assert.Equal("dismissed", Text(Assert.Single(await ListAsync(app, "all")), "state"));
        Assert.Empty(await ListAsync(app));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(app, $"{id}/reopen", new { by = "Jonas" })).StatusCode);
        Assert.Single(await ListAsync(app));
    }

    [Fact]
    public async Task Erasing_a_contact_takes_its_utterances_out_of_the_queue()
    {
        await using var app = await RouterApplication.StartAsync();
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "do you ship to the moon?");

        (await app.Management.DeleteAsync(new Uri($"/api/contacts/{app.Account.Id}/{customer.Contact.Id}", UriKind.Relative))).EnsureSuccessStatusCode();

        Assert.Empty(await ListAsync(app, "all"));
    }

    [Fact]
    public async Task An_adapter_on_trial_is_compared_with_the_one_that_answers_and_with_what_people_say()
    {
        var name = Guid.NewGuid().ToString("N");
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            BotNlu = "{ use: [main], shadow: [trial] }",
            NluYaml = $"trial: {{ adapter: scripted, script: {name}, {RouterApplication.SlowMachine} }}",
        });
        var trial = ScriptedModule.Open(name);
        app.Script.Knows("Where is my order?", "order_status");
        trial.Knows("Where is my order?", "order_status");
        trial.Knows("my parcel did not come", "order_status");
        await app.SayAsync(app.NewCustomer(), "Where is my order?");
        await app.SayAsync(app.NewCustomer(), "my parcel did not come");
        var id = (long)Assert.Single(await ListAsync(app))["id"]!;
        await PostAsync(app, $"{id}/label", new { label = "order_status", by = "Mara" });

        var limit = Quiet.Limit();
        JsonNode? report;
        do
        {
            // The shadow is asked beside the turn; its answer arrives when it arrives.
            report = (await app.Management.GetFromJsonAsync<JsonArray>(new Uri("/api/shadows", UriKind.Relative), limit))!.SingleOrDefault();
        }
        while (report is null || (int)report["turns"]! < 2);

        Assert.Equal(("shop", "trial", "main"), (Text(report, "bot"), Text(report, "adapter"), Text(report, "liveAdapter")));
        Assert.Equal((1, 1, 0), ((int)report["agreed"]!, (int)report["differed"]!, (int)report["failed"]!));
        Assert.Equal((1, 1, 0), ((int)report["judged"]!, (int)report["shadowRight"]!, (int)report["liveRight"]!));
        Assert.Contains("only the shadow right 1", ShadowLine(await app.Management.GetStringAsync(new Uri("/shadows", UriKind.Relative)), report), StringComparison.Ordinal);
    }

    // The page shows the same figures.
    private static string ShadowLine(string page, JsonNode report) =>
        page.Contains($"<td class=\"n\">{report["shadowRight"]}</td>", StringComparison.Ordinal) && page.Contains("trial", StringComparison.Ordinal) ? $"only the shadow right {report["shadowRight"]}" : page;

    private static string? Text(JsonNode node, string name) => (string?)node[name];

    private static async Task<JsonNode[]> ListAsync(RouterApplication app, string state = "open") =>
        [.. (await app.Management.GetFromJsonAsync<JsonArray>(new Uri($"/api/review?state={state}", UriKind.Relative)))!.Select(n => n!)];

    private static Task<HttpResponseMessage> PostAsync(RouterApplication app, string path, object body) =>
        app.Management.PostAsJsonAsync(new Uri($"/api/review/{path}", UriKind.Relative), body);
}
