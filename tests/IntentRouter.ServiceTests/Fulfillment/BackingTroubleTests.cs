using IntentRouter.Playground;
using IntentRouter.Tests.Fulfillment;
using Microsoft.AspNetCore.Http;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary>A system behind is down, slow, or answers nonsense: the customer hears so at once, and the colleague who takes over knows what was tried and with what.</summary>
public sealed class BackingTroubleTests
{
    [Theory]
    [InlineData("its file is not there", "Data Source={directory}/nowhere/x.db", "select eta from orders where number = @order_number", "unreachable")]
    [InlineData("its file is no database", "Data Source={directory}/texts/en.yaml", "select eta from orders where number = @order_number", "unreadable|faulted|refused|unreachable")]
    [InlineData("a table is gone", "Data Source={directory}/orders.db", "select eta from moved_orders where number = @order_number", "refused")]
    [InlineData("a query never ends", "Data Source={directory}/orders.db", "with recursive c(x) as (select 1 union all select x + 1 from c) select max(x) as eta from c where x <> @order_number", "timed-out")]
    [InlineData("an answer is too large", "Data Source={directory}/orders.db", "select hex(zeroblob(1000000)) as eta, @order_number as n", "too-large")]
    public Task A_database_in_trouble(string trouble, string connection, string query, string reasons) => HandsOverAsync(
        trouble,
        directory => $"shaky: {{ kind: sql, provider: sqlite, connection: \"{connection.Replace("{directory}", directory, StringComparison.Ordinal)}\", query: \"{query}\", timeout: {(reasons == "timed-out" ? "300ms" : "60s")} }}",
        reasons);

    [Fact]
    public Task A_database_server_that_is_not_there() => HandsOverAsync(
        "nobody listens",
        _ => "shaky: { kind: sql, provider: postgres, connection: \"Host=127.0.0.1;Port=1;Username=x;Password=x;Database=x\", query: \"select eta from orders where number = @order_number\", timeout: 60s }",
        "unreachable");

    [Fact]
    public Task An_address_where_nobody_listens() => HandsOverAsync("nobody listens", _ => Http("http://127.0.0.1:9/orders/{{ order_number }}", "60s"), "unreachable");

    [Theory]
    [InlineData("slow", "timed-out")]
    [InlineData("cut", "unreachable")]
    [InlineData("html", "unreadable")]
    [InlineData("half", "unreadable|unreachable")]
    [InlineData("binary", "unreadable")]
    [InlineData("500", "unreachable")]
    [InlineData("403", "refused")]
    [InlineData("large", "too-large")]
    public async Task An_api_in_trouble(string trouble, string reasons)
    {
        await using var api = await BackingApi.StartAsync();
        using var over = new CancellationTokenSource();
        api.Answer = async (context, _) =>
        {
            switch (trouble)
            {
                case "slow":
                    await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted), Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, over.Token));
                    break;
                case "cut":
                    context.Abort();
                    break;
                case "half":
                    context.Response.ContentLength = 100;
                    await context.Response.WriteAsync("{\"eta\":", context.RequestAborted);
                    context.Abort();
                    break;
                case "html":
                    await context.Response.WriteAsync("<html>Sorry, maintenance</html>", context.RequestAborted);
                    break;
                case "binary":
                    await context.Response.Body.WriteAsync(new byte[] { 0xFF, 0xFE, 0x00, 0x7B }, context.RequestAborted);
                    break;
                case "large":
                    await context.Response.WriteAsync($"{{\"eta\":\"{new string('x', 400_000)}\"}}", context.RequestAborted);
                    break;
                default:
                    context.Response.StatusCode = int.Parse(trouble, System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        };
        await HandsOverAsync(trouble, _ => Http(api.Url + "/orders/{{ order_number }}", trouble == "slow" ? "500ms" : "60s"), reasons);
        await over.CancelAsync();
    }

    private static string Http(string url, string timeout) => $"shaky: {{ kind: http, url: \"{url}\", timeout: {timeout}, allowPrivate: true, retries: 0 }}";

    private static async Task HandsOverAsync(string trouble, Func<string, string> lookup, string reasons)
    {
        var options = new RouterApplicationOptions
        {
            IntentsYaml = "eta: { route: eta }",
            RoutesYaml = """
                eta:
                  slots: { order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number } }
                  lookup: shaky
                  reply: { found: eta.found, failed: { handoff: { reason: lookup-failed } } }
                """,
            TextsYaml = "eta.found: \"It comes on {{ result.eta }}.\"",
        };
        await using var app = await RouterApplication.StartAsync(options with { LookupsYaml = lookup(options.Directory) });
        app.Script.Knows("When does 10427 come?", "eta");
        var customer = app.NewCustomer();

        var reply = Assert.Single(await app.SayAsync(customer, "When does 10427 come?"));

        var conversation = customer.Conversation!;
        Assert.Equal("I cannot look that up right now. A colleague will do it for you and answer you here.", reply);
        Assert.Equal((ConversationStatus.Open, 1), (conversation.Status, conversation.Handoffs));
        var note = Assert.Single(conversation.Notes).Content!;
        Assert.Contains("order number: 10427", note, StringComparison.Ordinal);
        Assert.True(reasons.Split('|').Any(r => note.Contains($"shaky → failed ({r})", StringComparison.Ordinal)), $"{trouble}: {note}");
        Assert.Equal("lookup-failed", conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
        Assert.Equal(0, (await app.Store.StatisticsAsync(CancellationToken.None)).Parked);
        Assert.DoesNotContain(app.Logs.Lines, l => l.Contains("10427", StringComparison.Ordinal));
    }
}
