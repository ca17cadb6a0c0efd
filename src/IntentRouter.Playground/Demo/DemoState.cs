using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>What the demo page shows, in one piece. Read under the state lock.</summary>
internal sealed record DemoState(
    long Changes,
    IReadOnlyList<DemoInbox> Inboxes,
    IReadOnlyList<DemoCustomer> Customers,
    DemoCustomer? Customer,
    DemoConversation? CustomersConversation,
    IReadOnlyList<DemoListed> Conversations,
    DemoConversation? Conversation,
    IReadOnlyList<DemoUser> Users)
{
    public static DemoState Of(PlaygroundChat chat, long? customerId, long? accountId, long? conversationId)
    {
        var accounts = chat.Accounts;
        var inboxes = accounts.SelectMany(a => a.InboxList).ToArray();
        var customers = accounts.SelectMany(a => a.ContactList).SelectMany(c => c.Customers).OrderBy(c => c.Id).ToArray();
        var customer = customers.FirstOrDefault(c => c.Id == customerId) ?? customers.LastOrDefault();
        var conversations = accounts.SelectMany(a => a.ConversationList).OrderByDescending(c => c.LastActivityAt).ThenByDescending(c => c.Id).Take(50).ToArray();
        var shown = accounts.FirstOrDefault(a => a.Id == accountId)?.ConversationsById.GetValueOrDefault(conversationId ?? -1)
            ?? customer?.Conversation ?? conversations.FirstOrDefault();
        return new DemoState(
            chat.Changes,
            [.. inboxes.Select(i => new DemoInbox(i.Account.Id, i.Account.Name, i.Id, i.Name, i.Channel.Wire(), i.Bot?.Name))],
            [.. customers.Select(DemoCustomer.Of)],
            customer is null ? null : DemoCustomer.Of(customer),
            customer?.Conversation is { } current ? DemoConversation.Of(current, asCustomer: true) : null,
            [.. conversations.Select(DemoListed.Of)],
            shown is null ? null : DemoConversation.Of(shown, asCustomer: false),
            [.. accounts.SelectMany(a => a.UserList.Select(u => new DemoUser(a.Id, u.Id, u.Name)))]);
    }
}

internal sealed record DemoInbox(long AccountId, string Account, long Id, string Name, string Channel, string? Bot);

internal sealed record DemoUser(long AccountId, long Id, string Name);

internal sealed record DemoCustomer(long Id, string Name, string? Email, long InboxId, string Inbox, string Channel)
{
    public static DemoCustomer Of(PlaygroundCustomer customer) =>
        new(customer.Id, customer.Contact.Name, customer.Contact.Email, customer.Inbox.Id, customer.Inbox.Name, customer.Inbox.Channel.Wire());
}

internal sealed record DemoListed(long AccountId, long Id, string Customer, string Inbox, string Status, string? Last, int Unread)
{
    public static DemoListed Of(PlaygroundConversation c) => new(
        c.Account.Id, c.Id, c.Customer.Contact.Name, c.Inbox.Name, c.Status.Wire(), c.LastPublicMessage?.Content, c.Unread);
}

internal sealed record DemoConversation(
    long AccountId,
    long Id,
    string Status,
    string Customer,
    string? Assignee,
    string? Team,
    string? Priority,
    bool CanReply,
    bool Typing,
    IReadOnlyList<string> Labels,
    JsonElement Attributes,
    IReadOnlyList<DemoMessage> Messages)
{
    private const int Shown = 200;

    public static DemoConversation Of(PlaygroundConversation c, bool asCustomer) => new(
        c.Account.Id,
        c.Id,
        c.Status.Wire(),
        c.Customer.Contact.Name,
        c.Assignee?.Name ?? c.AssigneeBot?.Name,
        c.Team?.Name,
        c.Priority,
        c.CanReply,
        c.Status == ConversationStatus.Pending && c.LastPublicMessage is { Type: MessageType.Incoming },
        c.Labels,
        c.CustomAttributes,
        [.. c.MessageList.Where(m => !asCustomer || m is { Private: false, Type: not MessageType.Activity }).TakeLast(Shown).Select(DemoMessage.Of)]);
}

internal sealed record DemoMessage(
    long Id, string Kind, string Who, string? Text, bool Private, string Type, JsonElement Attributes, string At, IReadOnlyList<string> Attachments)
{
    public static DemoMessage Of(PlaygroundMessage m) => new(
        m.Id,
        m.Type.Wire(),
        m.Who,
        m.Content,
        m.Private,
        m.ContentType,
        m.ContentAttributes,
        WireShapes.Iso(m.CreatedAt),
        [.. m.Attachments.Select(a => a.FileName)]);
}

/// <summary>What an act led to: an error to show, or the ids to look at next.</summary>
internal sealed record DemoAnswer(string? Error = null, long? Customer = null, long? Account = null, long? Conversation = null);

internal sealed class DemoActException(string message) : Exception(message);

/// <summary>One thing done on the demo page.</summary>
internal sealed record DemoAct(
    string? What,
    long? Inbox = null,
    long? Customer = null,
    long? Account = null,
    long? Conversation = null,
    long? User = null,
    long? Message = null,
    string? Text = null,
    IReadOnlyList<DemoField>? Fields = null)
{
    private const int LongestText = 10_000;

    public DemoAnswer Run(PlaygroundChat chat)
    {
        if (Text?.Length > LongestText)
        {
            throw new DemoActException($"Texts on this page may have {LongestText} characters.");
        }

        return What switch
        {
            "visitor" => NewVisitor(chat),
            "open" => AsCustomer(chat, c => c.OpenWidget()),
            "say" => AsCustomer(chat, c => c.Say(Text ?? "")),
            "photo" => AsCustomer(chat, c => c.SendPhoto()),
            "read" => AsCustomer(chat, c => c.ReadMessages()),
            "end" => AsCustomer(chat, c => c.EndChat()),
            "over" => AsCustomer(chat, c => c.StartOver()),
            "choose" => AsCustomer(chat, c => c.Choose(Prompt(c), Text ?? "")),
            "email" => AsCustomer(chat, c => c.SubmitEmail(Prompt(c), Text ?? "")),
            "form" => AsCustomer(chat, c => c.SubmitForm(Prompt(c), [.. (Fields ?? []).Select(f => (f.Name ?? "", f.Value ?? ""))])),
            "reply" => AsAgent(chat, (user, c) => user.Reply(c, Text ?? "")),
            "note" => AsAgent(chat, (user, c) => user.Note(c, Text ?? "")),
            "takeover" => AsAgent(chat, (user, c) => user.TakeOver(c)),
            "pushback" => AsAgent(chat, (user, c) =>
            {
                c.Assign(null);
                user.PushBack(c);
            }),
            "resolve" => AsAgent(chat, (user, c) => user.Resolve(c)),
            "snooze" => AsAgent(chat, (user, c) => user.Snooze(c)),
            "echo" => AsAgent(chat, (_, c) => c.EchoFromNativeApp(Text ?? "")),
            _ => throw new DemoActException($"'{What}' is not something one can do here."),
        };
    }

    private DemoAnswer NewVisitor(PlaygroundChat chat)
    {
        var inboxes = chat.Accounts.SelectMany(a => a.InboxList).ToArray();
        var inbox = inboxes.FirstOrDefault(i => i.Id == Inbox) ?? inboxes.FirstOrDefault() ?? throw new DemoActException("There is no inbox yet.");
        var visitor = inbox.AddCustomer(string.IsNullOrWhiteSpace(Text) ? $"visitor {inbox.Account.ContactList.Count + 1}" : Text);
        return new DemoAnswer(Customer: visitor.Id);
    }

    private DemoAnswer AsCustomer(PlaygroundChat chat, Action<PlaygroundCustomer> act)
    {
        var customer = chat.Accounts.SelectMany(a => a.ContactList).SelectMany(c => c.Customers).FirstOrDefault(c => c.Id == Customer)
            ?? throw new DemoActException("This visitor is gone; start a new one.");
        act(customer);
        return new DemoAnswer(Customer: customer.Id, Account: customer.Inbox.Account.Id, Conversation: customer.Conversation?.Id);
    }

    private DemoAnswer AsAgent(PlaygroundChat chat, Action<PlaygroundUser, PlaygroundConversation> act)
    {
        var account = chat.Account(Account ?? -1) ?? throw new DemoActException("There is no such account.");
        var conversation = account.ConversationsById.GetValueOrDefault(Conversation ?? -1) ?? throw new DemoActException("There is no such conversation.");
        var user = account.UserList.Find(u => u.Id == User) ?? account.UserList.FirstOrDefault() ?? throw new DemoActException("Nobody works at this desk yet.");
        act(user, conversation);
        return new DemoAnswer(Account: account.Id, Conversation: conversation.Id);
    }

    private PlaygroundMessage Prompt(PlaygroundCustomer customer) =>
        customer.Conversation?.MessageList.Find(m => m.Id == Message) ?? throw new DemoActException("There is no such message.");
}

internal sealed record DemoField(string? Name, string? Value);
