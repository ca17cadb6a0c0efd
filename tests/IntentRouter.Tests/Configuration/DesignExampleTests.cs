namespace IntentRouter.Tests.Configuration;

public sealed class DesignExampleTests
{
    private static readonly string _example = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Configuration", "design-example.yaml"));

    [Fact]
    public void Every_key_of_the_published_example_is_accepted()
    {
        using var scene = new ConfigurationScene().Write("intent-router.yaml", _example).Write("texts/en.yaml", "order.ask_number: Number?\norder.ask_email: E-mail?\norder.found: Found.\norder.not_found: Not found.\nbooking.confirm: Shall I?\nbooking.done: Done.\n");

        var loaded = scene.Load();

        Assert.Empty(loaded.Errors);
    }

    [Fact]
    public void The_published_example_means_what_it_says()
    {
        using var scene = new ConfigurationScene().Write("intent-router.yaml", _example).Write("texts/en.yaml", "order.ask_number: Number?\norder.ask_email: E-mail?\norder.found: Found.\norder.not_found: Not found.\nbooking.confirm: Shall I?\nbooking.done: Done.\n");

        var options = scene.Load().Configuration!.Options;

        var shop = options.Bots["shop"];
        Assert.Equal([3L], shop.Accounts);
        Assert.Equal(["dialogflow-eu", "local"], shop.Nlu.Use);
        Assert.Equal(TimeSpan.FromMilliseconds(800), shop.Session.Burst);
        Assert.Equal(TimeSpan.FromMinutes(30), shop.Session.Idle);
        Assert.Equal("09:00-18:00", shop.Hours!.Open["mon-fri"]);
        Assert.Equal([new DateOnly(2026, 12, 25)], shop.Hours.Holidays);
        Assert.True(shop.Assist.On);
        Assert.Equal(0.9, shop.Intents["book_table"].Answer);
        Assert.Equal(("sensitive", "high", 7L), (shop.Intents["complaint"].Handoff!.Reason, shop.Intents["complaint"].Handoff!.Priority, shop.Intents["complaint"].Handoff!.Team!.Value));
        Assert.Equal("nlu/shop.yaml", options.Nlu["local"].Settings["training"]);
        Assert.Null(options.Nlu["local"].Settings["adapter"]);
        Assert.Equal("europe-west1", options.Nlu["dialogflow-eu"].Settings["location"]);
        Assert.Equal(@"#?(?<value>\d{4,10})", options.Routes["order-status"].Slots["order_number"].Pattern);
        Assert.Equal(["order.found"], options.Routes["order-status"].Reply.Found!.Say);
        Assert.Equal("lookup-failed", options.Routes["order-status"].Reply.Failed!.Handoff!.Reason);
        Assert.Equal(["booking.done"], options.Routes["book-table"].Reply.Done!.Say);
        Assert.Equal((1m, 12m), (options.Routes["book-table"].Slots["guests"].Min!.Value, options.Routes["book-table"].Slots["guests"].Max!.Value));
        Assert.Equal("""{"date":"{{ date }}","party":{"guests":"{{ guests | number }}"},"online":true}""", options.Actions["create-booking"].Body!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal(Path.Combine(scene.Folder, "texts/"), options.Texts);
        Assert.Equal($"Data Source={Path.Combine(scene.Folder, "intent-router.db")}", options.Store.Connection);
    }
}
