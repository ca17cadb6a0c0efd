using System.Net;
using System.Text;
using IntentRouter.Webhooks;

namespace IntentRouter.ServiceTests;

public sealed class WebhookTests
{
    private const string Customer = """
        {"event":"message_created","id":5,"content":"hello","message_type":"incoming","private":false,
         "account":{"id":3},"sender":{"id":8},"conversation":{"id":77,"status":"pending","inbox_id":12,"updated_at":1757492130.4}}
        """;

    [Fact]
    public async Task Each_refusal_has_its_own_status()
    {
        await using var app = await RouterApplication.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await app.PostAsync(Customer, bot: "nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.PostAsync(Customer, key: "a-wrong-key-altogether")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("not json")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("[1]")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("""{"event":"message_created","id":5,"content":"\ud83d"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync("""{"event":"message_created","\ud83d":5}""")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.PostAsync(new string('[', 500) + new string(']', 500))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.PostAsync("{\"event\":\"x\",\"pad\":\"" + new string('a', 1_100_000) + "\"}")).StatusCode);
    }

    [Theory]
    [InlineData("6869FF", 400)] // not UTF-8
    [InlineData("68695C7564383030", 400)] // \ud800: half a character
    [InlineData("6869", 200)]
    public async Task Bytes_that_are_no_text_are_refused_once_and_for_all(string content, int status)
    {
        await using var app = await RouterApplication.StartAsync();
        foreach (var where in (string[])["hello", "pending", "message_created", "gold"])
        {
            var parts = Customer.Replace("\"status\"", "\"custom_attributes\":{\"tier\":\"gold\"},\"status\"", StringComparison.Ordinal).Split(where);
            using var body = new ByteArrayContent([.. Encoding.UTF8.GetBytes(parts[0]), .. Convert.FromHexString(content), .. Encoding.UTF8.GetBytes(parts[1])]);
            using var answer = await app.Http.PostAsync(new Uri($"/bots/shop/{RouterApplication.Key}", UriKind.Relative), body);
            Assert.True((int)answer.StatusCode == status, $"{where}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_body_is_no_reason_to_lose_an_event()
    {
        await using var app = await RouterApplication.StartAsync();
        var answer = await app.PostAsync("\ufeff" + Customer);
        Assert.Contains("stored", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_who_opens_the_address_sees_that_it_lives()
    {
        await using var app = await RouterApplication.StartAsync();
        var answer = await app.Http.GetAsync(new Uri($"/bots/shop/{RouterApplication.Key}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single((await answer.Content.ReadAsStringAsync()).Trim().Split('\n'));
    }

    [Theory]
    [InlineData("{}", "no-event")]
    [InlineData("""{"event":"something_new","id":1}""", "unknown-event")]
    [InlineData("""{"event":"message_created"}""", "incomplete")]
    [InlineData("""{"event":"message_created","id":"x","conversation":[],"sender":7,"message_type":{}}""", "incomplete")]
    [InlineData("""{"event":"message_updated","id":5,"message_type":"outgoing","conversation":{"id":1},"content_attributes":{"submitted_values":{"csat_survey_response":{"rating":5}}}}""", "nothing-submitted")]
    [InlineData("""{"event":"message_created","id":5,"message_type":"template","conversation":{"id":1}}""", "system-message")]
    [InlineData("""{"event":"message_created","id":5,"message_type":"outgoing","private":true,"sender":{"type":"user","id":1},"conversation":{"id":1}}""", "private-note")]
    public async Task What_is_not_for_us_is_acknowledged_and_named(string body, string outcome)
    {
        await using var app = await RouterApplication.StartAsync();
        var answer = await app.PostAsync(body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(outcome, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_event_twice_is_stored_once()
    {
        await using var app = await RouterApplication.StartAsync();
        Assert.Contains("stored", await (await app.PostAsync(Customer)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var again = await app.PostAsync(Customer);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("duplicate", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_is_verified_on_the_raw_body_and_its_absence_refused_once_one_was_seen()
    {
        const string Secret = "webhook-secret-0123456789";
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { WebhookSecret = Secret });
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var old = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 400).ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync(Customer)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Signed(app, Customer, Secret + "x", now)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Signed(app, Customer, Secret, old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Signed(app, Customer, Secret, now)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.PostAsync(Customer)).StatusCode);
    }

    private static Task<HttpResponseMessage> Signed(RouterApplication app, string body, string secret, string timestamp) => app.PostAsync(
        body, null, null,
        ("X-Chatwoot-Timestamp", timestamp), ("X-Chatwoot-Signature", WebhookSignature.Sign(secret, timestamp, Encoding.UTF8.GetBytes(body))));
}
