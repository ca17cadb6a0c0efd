namespace IntentRouter.Replies;

/// <summary>What a channel shows of a rich message, by the platform's own behaviour (4.2.0 and later).</summary>
internal sealed record ChannelForm
{
    /// <summary>Choices are shown as buttons or a list.</summary>
    public bool Buttons { get; init; }

    /// <summary>Choices are put into the words as well: some versions of the platform send only the words here.</summary>
    public bool NumberedToo { get; init; }

    public bool Cards { get; init; }

    public bool Forms { get; init; }

    /// <summary>Longest title of a button, and of a row of a list; 0 for no limit.</summary>
    public int ButtonTitle { get; init; }

    public int RowTitle { get; init; }

    public int MostChoices { get; init; } = 20;

    public TextForm Text { get; init; } = TextForm.Markdown;

    public static ChannelForm Of(string? channel) => channel switch
    {
        "Channel::WebWidget" => new ChannelForm { Buttons = true, Cards = true, Forms = true },
        "Channel::Api" => new ChannelForm { Buttons = true, NumberedToo = true },
        "Channel::Whatsapp" => new ChannelForm { Buttons = true, ButtonTitle = 20, RowTitle = 24, MostChoices = 10, Text = TextForm.Plain },
        "Channel::Telegram" => new ChannelForm { Buttons = true },
        "Channel::Line" or "Channel::FacebookPage" => new ChannelForm { Buttons = true, NumberedToo = true, ButtonTitle = 20, RowTitle = 20, MostChoices = 10, Text = TextForm.Plain },
        "Channel::Email" => new ChannelForm(),
        "Channel::TwilioSms" or "Channel::Sms" or "Channel::Instagram" or "Channel::TwitterProfile" or "Channel::Tiktok" => new ChannelForm { Text = TextForm.Plain },
        _ => new ChannelForm { Buttons = true, NumberedToo = true },
    };
}
