using IntentRouter.Chat;
using IntentRouter.Playground;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Chat;

public sealed class ChatReconcilerTests
{
    private static readonly SendMessage _hello = new("Order 10427 left the warehouse.");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_administrators_list_tells_whether_the_message_exists(bool applied)
    {
        await using var scene = await InDoubtAsync("4.2.0", applied);
        scene.Options.AdminToken = scene.Admin.AccessToken;

        var found = await FindAsync(scene);

        Assert.Equal(applied ? new Reconciliation.Found(scene.Conversation.BotReplies[0].Id) : new Reconciliation.Absent(), found);
    }

    [Fact]
    public async Task It_is_found_behind_many_later_messages()
    {
        await using var scene = await InDoubtAsync("4.2.0", applied: true);
        scene.Options.AdminToken = scene.Admin.AccessToken;
        for (var i = 0; i < 50; i++)
        {
            scene.Customer.Say("more");
        }

        Assert.Equal(new Reconciliation.Found(scene.Conversation.BotReplies[0].Id), await FindAsync(scene));
    }

    [Fact]
    public async Task Without_a_marker_the_words_and_the_time_tell()
    {
        await using var scene = await ChatScene.StartAsync(
            options: (version, clock) => new PlaygroundOptions { Version = version, Clock = clock, StoresAllContentAttributes = false });
        scene.Options.AdminToken = scene.Admin.AccessToken;
        scene.Conversation.SayBy(scene.Remote, _hello.Content);
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(new Reconciliation.Absent(), await FindAsync(scene));

        scene.Conversation.SayBy(scene.Remote, _hello.Content, isPrivate: true);
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new Reconciliation.Absent(), await FindAsync(scene));

        var reply = scene.Conversation.SayBy(scene.Remote, _hello.Content + "\n");
        Assert.Equal(new Reconciliation.Found(reply.Id), await FindAsync(scene));
    }

    [Fact]
    public async Task The_same_words_under_another_marker_are_another_message()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Options.AdminToken = scene.Admin.AccessToken;
        await scene.SendAsync(_hello, "another-key");

        Assert.Equal(new Reconciliation.Absent(), await FindAsync(scene));
    }

    [Fact]
    public async Task Without_a_list_a_bot_of_a_later_version_looks_at_the_last_message()
    {
        await using var scene = await InDoubtAsync("4.16.2", applied: true);
        Assert.Equal(new Reconciliation.Found(scene.Conversation.BotReplies[0].Id), await FindAsync(scene));

        scene.Customer.Say("Hello?");
        Assert.Equal(new Reconciliation.Inconclusive("only-the-last-is-shown"), await FindAsync(scene));
    }

    [Fact]
    public async Task A_last_message_from_before_the_attempt_proves_that_ours_is_not_there()
    {
        await using var scene = await ChatScene.StartAsync("4.16.2");
        scene.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new Reconciliation.Absent(), await FindAsync(scene));
    }

    [Fact]
    public async Task On_the_first_version_and_without_an_administrator_nobody_can_tell()
    {
        await using var scene = await InDoubtAsync("4.2.0", applied: true);

        Assert.Equal(new Reconciliation.Inconclusive("no-way-to-look"), await FindAsync(scene));
        Assert.False((await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None)).ReadConversation);
    }

    [Fact]
    public async Task A_list_that_fails_proves_nothing()
    {
        await using var scene = await InDoubtAsync("4.2.0", applied: false);
        scene.Options.AdminToken = scene.Admin.AccessToken;
        scene.Faults.Add(PlaygroundEndpoint.ListMessages, PlaygroundFault.Status(500));

        Assert.IsType<Reconciliation.NotNow>(await FindAsync(scene));
    }

    [Fact]
    public async Task What_may_be_repeated_freely_needs_no_proof()
    {
        await using var scene = await ChatScene.StartAsync();

        Assert.Equal(new Reconciliation.Absent(), await FindAsync(scene, new SetStatus("open")));
        Assert.Equal(
            new Reconciliation.Inconclusive("not-a-message"), await FindAsync(scene, new CreateConversation("source", 12, "Hello")));
    }

    private static async Task<ChatScene> InDoubtAsync(string version, bool applied)
    {
        var scene = await ChatScene.StartAsync(version);
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, applied ? PlaygroundFault.ResetAfterEffect() : PlaygroundFault.Reset());
        Assert.IsType<SendResult.InDoubt>(await scene.SendAsync(_hello));
        scene.Clock.Advance(TimeSpan.FromSeconds(2));
        return scene;
    }

    private static Task<Reconciliation> FindAsync(ChatScene scene, Effect? effect = null) => scene.Reconciler.FindAsync(
        scene.Bot, scene.Where, ChatScene.Key, effect ?? _hello, TimeSpan.FromSeconds(2), CancellationToken.None);
}
