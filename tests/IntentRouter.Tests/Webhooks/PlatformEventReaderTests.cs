using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Replies;
using IntentRouter.Storage;
using IntentRouter.Webhooks;

namespace IntentRouter.Tests.Webhooks;

public sealed class PlatformEventReaderTests
{
    private static readonly Bot _bot = new() { Name = "shop", Options = new BotOptions(), Routes = new Dictionary<string, RouteOptions>(), Texts = TextCatalog.Empty };

    [Theory]
    [InlineData("""{"message_type":"incoming"}""", "Customer")]
    [InlineData("""{"message_type":0}""", "Customer")]
    [InlineData("""{"message_type":"outgoing","sender":{"type":"user","id":1}}""", "Human")]
    [InlineData("""{"message_type":1,"sender":{"type":"agent_bot","id":5}}""", "Bot")]
    [InlineData("""{"message_type":"outgoing","sender":{"type":"captain_assistant"}}""", "BuiltInAi")]
    [InlineData("""{"message_type":"outgoing","sender":null}""", "Human")]
    [InlineData("""{"message_type":"outgoing","sender":null,"content_attributes":{"external_echo":true}}""", "Human")]
    [InlineData("""{"message_type":"outgoing","sender":null,"content_attributes":{"automation_rule_id":7}}""", "System")]
    [InlineData("""{"message_type":"outgoing","sender":null,"additional_attributes":{"campaign_id":7}}""", "System")]
    [InlineData("""{"message_type":"template","sender":null}""", "System")]
    public void Who_wrote_a_message_is_told_from_type_sender_and_marks(string fields, string author) =>
        Assert.Equal(author, Read($$"""{"event":"message_created","id":1,"conversation":{"id":2},{{fields[1..]}}""").Message!.Author.ToString());

    [Theory]
    [InlineData("""{"account":{"id":1},"sender":{"account":{"id":2}}}""", 1)]
    [InlineData("""{"sender":{"account":{"id":2}}}""", 2)]
    [InlineData("""{"conversation":{"id":1,"messages":[{"account_id":3}]}}""", 9)]
    public void The_account_comes_from_the_payload_before_the_address(string fields, long account) =>
        Assert.Equal(account, Read($$"""{"event":"message_created","id":1,{{fields[1..]}}""", 9).Account);

    [Fact]
    public void Without_payload_and_address_the_first_message_names_the_account() =>
        Assert.Equal(3, Read("""{"event":"conversation_opened","id":457,"status":"open","messages":[{"account_id":3}]}""").Account);

    [Theory]
    [InlineData("1757492131.902", 1757492131.902)]
    [InlineData("\"1757492131.902\"", 1757492131.902)]
    [InlineData("\"2025-09-10T08:15:31Z\"", 1757492131)]
    [InlineData("null", 0)]
    [InlineData("{}", 0)]
    public void Time_stamps_are_numbers_or_texts(string value, double seconds) =>
        Assert.Equal(seconds, Read($$"""{"event":"conversation_opened","id":1,"updated_at":{{value}}}""").Conversation!.UpdatedAt, 3);

    [Fact]
    public void The_websocket_credential_is_not_kept()
    {
        var e = Read("""{"event":"message_created","id":1,"message_type":"incoming","account":{"id":1},"conversation":{"id":2,"contact_inbox":{"pubsub_token":"SECRET","contact_id":8}}}""");
        var (row, _) = EventIntake.Admit(_bot, e, null, "h"u8);
        Assert.DoesNotContain("SECRET", System.Text.Encoding.UTF8.GetString(row!.Payload.Span), StringComparison.Ordinal);
        Assert.Equal(8, row.ContactId);
    }

    [Theory]
    [InlineData("""{"message_type":"outgoing","sender":{"type":"user"},"conversation":{"id":2,"status":"pending"}}""", EventSignal.HumanSteppedIn)]
    [InlineData("""{"message_type":"outgoing","sender":{"type":"user"},"conversation":{"id":2,"status":"open"}}""", EventSignal.HumanSpokeOutside)]
    [InlineData("""{"message_type":"incoming","conversation":{"id":2,"status":"open"}}""", EventSignal.NotPending)]
    [InlineData("""{"message_type":"incoming","conversation":{"id":2,"status":"pending","meta":{"assignee":{"id":1,"type":"user"}}}}""", EventSignal.None)]
    [InlineData("""{"message_type":"incoming","conversation":{"id":2,"status":"pending","meta":{"assignee":{"id":1,"type":"agent_bot"}}}}""", EventSignal.None)]
    internal void An_event_says_whether_waiting_words_are_stale(string fields, EventSignal signal) =>
        Assert.Equal(signal, EventIntake.SignalOf(Read($$"""{"event":"message_created","id":1,{{fields[1..]}}""")));

    [Theory]
    [InlineData("conversation_updated", """[{"assignee_id":{"previous_value":null,"current_value":1}}]""", EventSignal.HumanAssigned)]
    [InlineData("conversation_updated", "null", EventSignal.HumanAssigned)]
    [InlineData("conversation_updated", """[{"waiting_since":{"previous_value":null,"current_value":"2026-11-29T00:46:43.000Z"}}]""", EventSignal.None)]
    [InlineData("conversation_status_changed", "null", EventSignal.None)]
    internal void A_change_to_a_human_assignee_says_so(string name, string changed, EventSignal signal) => Assert.Equal(
        signal,
        EventIntake.SignalOf(Read($$$"""{"event":"{{{name}}}","id":2,"status":"pending","changed_attributes":{{{changed}}},"meta":{"assignee":{"id":1,"type":"user"} } }""")));

    [Fact]
    public void An_option_of_a_humans_that_the_customer_presses_is_no_humans_word() => Assert.Equal(
        EventSignal.None,
        EventIntake.SignalOf(Read("""{"event":"message_updated","id":1,"message_type":"outgoing","sender":{"type":"user"},"conversation":{"id":2,"status":"pending"}}""")));

    [Theory]
    [InlineData("""{"id":1,"submitted_values":[]}""", null)]
    [InlineData("""{"id":1,"submitted_values":[{"title":"A","value":"a"}]}""", "stored")]
    [InlineData("""{"id":1,"submitted_email":"a@b.c"}""", "stored")]
    public void An_update_counts_only_when_something_was_submitted(string attributes, string? stored)
    {
        var e = Read($$"""{"event":"message_updated","id":1,"message_type":"outgoing","sender":{"type":"agent_bot"},"account":{"id":1},"conversation":{"id":2},"content_attributes":{{attributes}}}""");
        Assert.Equal(stored is not null, EventIntake.Admit(_bot, e, null, "h"u8).Event is not null);
    }

    [Fact]
    public void The_key_of_an_event_does_not_depend_on_its_delivery()
    {
        var e = Read("""{"event":"message_created","id":1,"message_type":"incoming","account":{"id":1},"conversation":{"id":2}}""");
        Assert.Equal(EventIntake.Admit(_bot, e, "a", "x"u8).Event!.Key, EventIntake.Admit(_bot, e, "b", "y"u8).Event!.Key);
    }

    [Theory]
    [InlineData("quiet-forest-214", null)]
    [InlineData("old-sea-9", null)]
    [InlineData("Priya Nair", "Priya Nair")]
    [InlineData("anna-lena", "anna-lena")]
    [InlineData("Jean-Luc-2", "Jean-Luc-2")]
    public void A_name_that_the_platform_made_up_is_no_name(string name, string? read) => Assert.Equal(
        read,
        Read("""{"event":"message_created","id":1,"message_type":"incoming","conversation":{"id":2,"status":"pending","meta":{"sender":{"id":5,"name":"NAME"}}}}""".Replace("NAME", name, StringComparison.Ordinal)).Conversation!.Contact!.Name);

    private static PlatformEvent Read(string json, long? account = null)
    {
        using var document = JsonDocument.Parse(json);
        return PlatformEventReader.Read(document.RootElement, account)!;
    }
}
