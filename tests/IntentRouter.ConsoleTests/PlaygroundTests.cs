namespace IntentRouter.ConsoleTests;

/// <summary>README's first promise, by hand and eye: write as a customer on the left, see the desk beside it, and below why the bot answered so.</summary>
public sealed class PlaygroundTests(Desk desk) : IClassFixture<Desk>
{
    [SkippableFact]
    public async Task A_customer_asks_for_an_order_proves_who_they_are_and_sees_why_the_bot_answered()
    {
        await using var visit = await desk.OpenAsync("/playground");

        await SayAsync(visit, "Where is my order 10427?");
        await visit.SeesAsync("#customer-log", "which e-mail address");
        await SayAsync(visit, "priya@example.com");

        await visit.SeesAsync("#customer-log", "Trail tent for two");
        await visit.SeesAsync("#turns article", "order_status");
        await visit.SeesAsync("#turns article", "orders");
        Assert.Equal("", await visit.TextAsync("#trouble"));
        Assert.Empty(visit.Complaints);
    }

    [SkippableFact]
    public async Task A_handoff_reaches_the_desk_a_human_has_the_word_and_gives_it_back()
    {
        await using var visit = await desk.OpenAsync("/playground");

        await SayAsync(visit, "I want to talk to a person");
        await visit.SeesAsync("#facts", "open");
        await visit.SeesAsync("#desk-log .note", "asked");
        var told = await CountAsync(visit, "#customer-log .message:not(.mine)");
        Assert.Equal(0, await CountAsync(visit, "#customer-log .note"));

        await visit.Page.TypeAsync("#desk-text", "Mara here, how can I help?");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync("#customer-log", "Mara here");
        await SayAsync(visit, "Where is my order 10427? My mail is priya@example.com");
        // What the bot knows goes to the agents, and never to the customer.
        await visit.SeesAsync("#desk-log .note", "Trail tent for two");
        Assert.Equal(told + 1, await CountAsync(visit, "#customer-log .message:not(.mine):not(.line)"));

        await visit.ClickAsync("[data-act=pushback]");
        await visit.SeesAsync("#facts", "pending");
        await SayAsync(visit, "And your opening hours, please?");
        await visit.UntilAsync($"document.querySelectorAll('#customer-log .message:not(.mine):not(.line)').length > {told + 1}");
        Assert.Empty(visit.Complaints);
    }

    [SkippableFact]
    public async Task The_page_works_on_a_phone_with_the_keyboard_alone()
    {
        await using var visit = await desk.OpenAsync("/playground", Look.Phone);
        await visit.UntilAsync("document.querySelectorAll('#phrases button').length > 0");

        for (var i = 0; i < 30 && await visit.Page.EvaluateExpressionAsync<string>("document.activeElement.id") != "say-text"; i++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Equal("say-text", await visit.Page.EvaluateExpressionAsync<string>("document.activeElement.id"));
        await visit.Page.Keyboard.TypeAsync("Do you ship to Austria?");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.UntilAsync("document.querySelectorAll('#customer-log .message:not(.mine)').length > 0");
        Assert.Empty(visit.Complaints);
    }

    private static async Task SayAsync(Visit visit, string words)
    {
        await visit.UntilAsync("document.querySelector('#say-text').value === ''");
        await visit.Page.TypeAsync("#say-text", words);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync("#customer-log .mine", words);
    }

    private static Task<int> CountAsync(Visit visit, string selector) =>
        visit.Page.EvaluateFunctionAsync<int>("selector => document.querySelectorAll(selector).length", selector);
}
