namespace IntentRouter.Playground;

/// <summary>State of a conversation; the numbers are the platform's own.</summary>
public enum ConversationStatus
{
    Open = 0,
    Resolved = 1,
    Pending = 2,
    Snoozed = 3,
}

/// <summary>Kind of a message; the numbers are the platform's own.</summary>
public enum MessageType
{
    Incoming = 0,
    Outgoing = 1,
    Activity = 2,
    Template = 3,
}

/// <summary>State of an outgoing message on its channel.</summary>
public enum MessageStatus
{
    Sent = 0,
    Delivered = 1,
    Read = 2,
    Failed = 3,
}

/// <summary>What an inbox is connected to.</summary>
public enum ChannelKind
{
    WebWidget,
    Api,
    Email,
    FacebookPage,
    Instagram,
    Whatsapp,
    TwilioSms,
    Sms,
    Telegram,
    Line,
    TwitterProfile,
}

/// <summary>What a user may do in an account.</summary>
public enum UserRole
{
    Agent,
    Administrator,
}

/// <summary>What an attachment is.</summary>
public enum AttachmentKind
{
    Image,
    Audio,
    Video,
    File,
    Location,
    Contact,
}

internal static class WireNames
{
    public static string Wire(this ConversationStatus status) => status switch
    {
        ConversationStatus.Open => "open",
        ConversationStatus.Resolved => "resolved",
        ConversationStatus.Pending => "pending",
        _ => "snoozed",
    };

    public static ConversationStatus? StatusOf(string name) => name switch
    {
        "open" => ConversationStatus.Open,
        "resolved" => ConversationStatus.Resolved,
        "pending" => ConversationStatus.Pending,
        "snoozed" => ConversationStatus.Snoozed,
        _ => null,
    };

    public static string Wire(this MessageType type) => type switch
    {
        MessageType.Incoming => "incoming",
        MessageType.Outgoing => "outgoing",
        MessageType.Activity => "activity",
        _ => "template",
    };

    public static string Wire(this MessageStatus status) => status switch
    {
        MessageStatus.Sent => "sent",
        MessageStatus.Delivered => "delivered",
        MessageStatus.Read => "read",
        _ => "failed",
    };

    public static string Wire(this ChannelKind kind) => kind switch
    {
        ChannelKind.WebWidget => "Channel::WebWidget",
        ChannelKind.Api => "Channel::Api",
        ChannelKind.Email => "Channel::Email",
        ChannelKind.FacebookPage => "Channel::FacebookPage",
        ChannelKind.Instagram => "Channel::Instagram",
        ChannelKind.Whatsapp => "Channel::Whatsapp",
        ChannelKind.TwilioSms => "Channel::TwilioSms",
        ChannelKind.Sms => "Channel::Sms",
        ChannelKind.Telegram => "Channel::Telegram",
        ChannelKind.Line => "Channel::Line",
        _ => "Channel::TwitterProfile",
    };

    public static string Wire(this UserRole role) => role == UserRole.Administrator ? "administrator" : "agent";

    public static string Wire(this AttachmentKind kind) => kind switch
    {
        AttachmentKind.Image => "image",
        AttachmentKind.Audio => "audio",
        AttachmentKind.Video => "video",
        AttachmentKind.File => "file",
        AttachmentKind.Location => "location",
        _ => "contact",
    };
}
