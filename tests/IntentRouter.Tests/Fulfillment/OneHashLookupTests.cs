using IntentRouter.Configuration;
using IntentRouter.Fulfillment;

namespace IntentRouter.Tests.Fulfillment;

public sealed class OneHashLookupTests : IAsyncLifetime
{
    private const string Orders = """
        {"shop":"x.example","orders":[
          {"id":991,"name":"#1001","fulfillment_status":"fulfilled","shipping_address":{"zip":"10 115"}},
          {"id":992,"name":"#1002","fulfillment_status":null,"shipping_address":null}]}
        """;

    private readonly FulfillmentScene _scene = new();
    private BackingApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await BackingApi.StartAsync();
        _scene.Options.Chat.BaseUrl = _api.Url;
        _scene.Options.Chat.AdminToken = "an-administrator";
    }

    public async Task DisposeAsync()
    {
        _scene.Dispose();
        await _api.DisposeAsync();
    }

    private Task<LookupOutcome> FindAsync(string kind, params (string Slot, string Value)[] slots) =>
        _scene.Lookup(new LookupOptions { Kind = kind, Timeout = TimeSpan.FromMinutes(2) }).FindAsync(FulfillmentScene.Call(slots), CancellationToken.None);

    [Theory]
    [InlineData("order_number", "1001", 1)]
    [InlineData("order_number", "#1001", 1)]
    [InlineData("order_number", "991", 1)]
    [InlineData("order_number", "100", 0)]
    [InlineData("order_number", "", 0)]
    [InlineData("postcode", "10115", 1)]
    [InlineData("favourite_colour", "red", 0)]
    public async Task Only_orders_that_agree_with_every_slot_are_found(string slot, string value, int found)
    {
        _api.AnswersWith(Orders);

        var outcome = await FindAsync("onehash-orders", (slot, value));

        Assert.Equal(found, outcome is LookupOutcome.Found f ? f.Rows.Count : 0);
        var request = Assert.Single(_api.Requests);
        Assert.Equal(("/api/v1/accounts/3/contacts/17/orders", "an-administrator"), (request.Target, request.Headers["Api-Access-Token"]));
    }

    [Fact]
    public async Task Without_slots_all_orders_of_the_contact_are_found()
    {
        _api.AnswersWith(Orders);

        Assert.Equal(2, Assert.IsType<LookupOutcome.Found>(await FindAsync("onehash-orders")).Rows.Count);
    }

    [Fact]
    public async Task Bookings_are_found_by_code_and_day()
    {
        _api.AnswersWith("""[{"id":5,"booking_uid":"abC9","booking_startTime":"2026-03-01T18:00:00.000Z","host_name":"Ann"}]""");

        Assert.Equal("abC9", (string)FulfillmentScene.Row(await FindAsync("onehash-bookings", ("booking_code", "ABC9"), ("date", "2026-03-01")))["booking_uid"]!);
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync("onehash-bookings", ("booking_code", "ABC9"), ("date", "2026-03-02")));
        Assert.Equal("/api/v1/accounts/3/contacts/17/bookings", _api.Requests.First().Target);
    }

    [Theory]
    [InlineData(401, "Refused")]
    [InlineData(404, "Refused")]
    [InlineData(500, "Unreachable")]
    public async Task What_the_chat_refuses_is_a_reason(int status, string reason)
    {
        _api.AnswersWith("{}", status);

        Assert.Equal(Enum.Parse<LookupFailure>(reason), FulfillmentScene.Failure(await FindAsync("onehash-orders")));
    }

    [Fact]
    public async Task Without_a_users_token_it_is_not_configured()
    {
        _scene.Options.Chat.AdminToken = null;

        Assert.Equal(LookupFailure.NotConfigured, FulfillmentScene.Failure(await FindAsync("onehash-orders")));
        Assert.Empty(_api.Requests);
    }
}
