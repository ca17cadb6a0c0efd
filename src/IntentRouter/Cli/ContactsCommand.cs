using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace IntentRouter.Cli;

/// <summary><c>contacts erase</c>: everything that is kept of a person.</summary>
internal static class ContactsCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var account = new Option<long>("--account") { Description = "Number of the account that the contact belongs to.", Required = true };
        var contact = new Option<long>("--contact") { Description = "Number of the contact: it is in the address of the contact's page in the chat.", Required = true };
        var erase = new Command("erase", "Delete everything that IntentRouter has stored about a contact: conversations, events, replies, explanations and review items. The chat's own data is not touched.") { account, contact, json };
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
        return new Command("contacts", "Erase what IntentRouter has stored about a person.") { erase };
    }
}
