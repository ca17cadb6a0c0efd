using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace IntentRouter.Cli;

/// <summary><c>contacts erase</c>: everything that is kept of a person.</summary>
internal static class ContactsCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var account = new Option<long>("--account") { Description = "Account that the contact belongs to.", Required = true };
        var contact = new Option<long>("--contact") { Description = "The contact's number in the chat: it stands in the address of its page.", Required = true };
        var erase = new Command("erase", "Delete the conversations, events, replies and explanations of a contact. The chat keeps its own; delete them there.") { account, contact, json };
        erase.SetAction((parsed, token) => Operations.RunAsync(
            parsed.GetValue(config),
            async operations =>
            {
                if (parsed.GetValue(contact) <= 0)
                {
                    throw new UsageException("--contact must be a number above 0; it stands in the address of the contact's page.");
                }

                var erased = await operations.EraseAsync(parsed.GetValue(account), parsed.GetValue(contact), token);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                    ? new JsonObject { ["conversations"] = erased }.ToJsonString()
                    : erased == 0 ? "Nothing is kept of this contact." : string.Create(CultureInfo.InvariantCulture, $"Erased: {erased} conversation{(erased == 1 ? "" : "s")}."));
                return ExitCode.Fine;
            },
            token));
        return new Command("contacts", "What is kept of people.") { erase };
    }
}
