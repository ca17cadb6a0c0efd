using System.Globalization;

namespace IntentRouter.Playground;

/// <summary>A person on one inbox (the platform's contact-inbox): everything that a customer can do.</summary>
public sealed class PlaygroundCustomer
{
    internal PlaygroundCustomer(long id, PlaygroundContact contact, PlaygroundInbox inbox, string sourceId, string pubsubToken, bool verified, DateTimeOffset now)
    {
        Id = id;
        Contact = contact;
        Inbox = inbox;
        SourceId = sourceId;
        PubsubToken = pubsubToken;
        HmacVerified = verified;
        CreatedAt = now;
    }

    /// <summary>The contact-inbox id.</summary>
    public long Id { get; }

    /// <summary>May be replaced by another contact when a submitted e-mail address is already known.</summary>
    public PlaygroundContact Contact { get; internal set; }

    public PlaygroundInbox Inbox { get; }

    public string SourceId { get; }

    /// <summary>A live credential of the visitor that every event carries: it must never show up in a log.</summary>
    public string PubsubToken { get; }

    /// <summary>The host site proved who the visitor is.</summary>
    public bool HmacVerified { get; internal set; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>Where the customer's next message goes; null before the first one.</summary>
    public PlaygroundConversation? Conversation { get; internal set; }

    private PlaygroundChat Chat => Inbox.Account.Chat;

    /// <summary>Opens the widget bubble: <c>webwidget_triggered</c>, and what was unread is marked read.</summary>
    public void OpenWidget() => Chat.OpenWidget(this);

    public PlaygroundMessage Say(string content) => Chat.CustomerSays(this, content, []);

    /// <summary>Sends attachments, with or without text.</summary>
    public PlaygroundMessage Send(string? content, params PlaygroundAttachment[] attachments) => Chat.CustomerSays(this, content, attachments);

    /// <summary>A photo and no text.</summary>
    public PlaygroundMessage SendPhoto() => Send(null, new PlaygroundAttachment());

    /// <summary>Several messages with nothing in between: the events are queued together.</summary>
    public IReadOnlyList<PlaygroundMessage> Burst(params string[] contents) => Chat.Locked(() => contents.Select(Say).ToArray());

    /// <summary>
    /// Taps a choice, named by title or value. On the website that updates the bot's message; elsewhere it arrives as a new message
    /// with the title or the value, as the channel does it.
    /// </summary>
    public PlaygroundMessage Choose(PlaygroundMessage prompt, string titleOrValue) => Chat.Choose(this, prompt, titleOrValue);

    /// <summary>Submits a form; values in the order in which they were filled in.</summary>
    public PlaygroundMessage SubmitForm(PlaygroundMessage prompt, params (string Name, string Value)[] values) => Chat.SubmitForm(this, prompt, values);

    /// <summary>Answers an <c>input_email</c>: the contact is updated, or merged into the one that has this address already.</summary>
    public PlaygroundMessage SubmitEmail(PlaygroundMessage prompt, string email) => Chat.SubmitEmail(this, prompt, email);

    /// <summary>Answers the satisfaction survey: here <c>submitted_values</c> is an object.</summary>
    public PlaygroundMessage Rate(PlaygroundMessage survey, int rating, string feedback = "") => Chat.Rate(this, survey, rating, feedback);

    /// <summary>Reads everything: one <c>message_updated</c> for each unread outgoing message, private notes included.</summary>
    public void ReadMessages() => Chat.ReadMessages(this);

    /// <summary>Ends the chat: the conversation is resolved.</summary>
    public void EndChat() => Chat.EndChat(this);

    /// <summary>Books in the calendar behind a <c>cal_event</c> message (OneHash): the message becomes plain text, a confirmation template follows.</summary>
    public PlaygroundMessage Book(PlaygroundMessage calendarMessage) => Chat.Book(calendarMessage);

    /// <summary>A campaign writes first: the conversation starts open, from 4.8 only when a human is its sender.</summary>
    public PlaygroundMessage ReceiveCampaign(string content, PlaygroundUser? sender = null) => Chat.StartCampaign(this, content, sender);

    /// <summary>The next message starts a new conversation.</summary>
    public void StartOver() => Conversation = null;

    public void Block() => Contact.Blocked = true;

    public void Unblock() => Contact.Blocked = false;

    /// <summary>Replaces the contact's custom attributes.</summary>
    public void SetCustomAttributes(object attributes) => Contact.CustomAttributes = Json.From(attributes);

    public void SetEmail(string? email) => Contact.Email = email;

    public void SetVerified(bool verified) => HmacVerified = verified;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"customer {Id} of inbox {Inbox.Id}");
}
