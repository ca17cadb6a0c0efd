using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Storage;

namespace IntentRouter.Cli;

/// <summary><c>inbox list · retry · drop</c>: the parked events. Asks the running service; opens the store itself when none runs.</summary>
internal static class InboxCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var max = new Option<int>("--max") { Description = "Number of events to list, at most.", DefaultValueFactory = _ => 100 };
        var id = new Argument<long>("id") { Description = "Number of the event, from 'inbox list'." };
        var list = new Command("list", "List parked events with bot, conversation, attempts and reason.") { json, max };
        list.SetAction((parsed, token) => Operations.RunAsync(parsed.GetValue(config), inbox => ListAsync(inbox, parsed.GetValue(json), parsed.GetValue(max), token), token));
        var retry = new Command("retry", "Put a parked event back into the inbox. It is handled again; the gate still applies.") { id };
        retry.SetAction((parsed, token) => Operations.RunAsync(parsed.GetValue(config), inbox => ActAsync(inbox.RetryAsync(parsed.GetValue(id), token), "put back"), token));
        var drop = new Command("drop", "Discard a parked event for good.") { id };
        drop.SetAction((parsed, token) => Operations.RunAsync(parsed.GetValue(config), inbox => ActAsync(inbox.DropAsync(parsed.GetValue(id), token), "dropped"), token));
        return new Command("inbox", "List, retry or drop parked events: those that failed repeatedly.") { list, retry, drop };
    }

    private static async Task<int> ListAsync(IOperations inbox, bool json, int max, CancellationToken cancellationToken)
    {
        var parked = await inbox.ListAsync(max, cancellationToken);
        if (json)
        {
            await System.Console.Out.WriteLineAsync(JsonSerializer.Serialize(parked, CliJson.Default.IReadOnlyListParkedEvent));
        }
        else if (parked.Count == 0)
        {
            await System.Console.Out.WriteLineAsync("No event is parked.");
        }
        else
        {
            foreach (var e in parked)
            {
                await System.Console.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{e.Sequence}  {e.ReceivedAt:u}  {e.Conversation}  {e.Kind}  after {e.Attempts} attempts: {e.Reason}"));
            }
        }

        return parked.Count == 0 ? ExitCode.Fine : ExitCode.Findings;
    }

    private static async Task<int> ActAsync(Task<bool> act, string done)
    {
        var found = await act;
        await System.Console.Out.WriteLineAsync(found ? $"The event was {done}." : "No parked event has this number.");
        return found ? ExitCode.Fine : ExitCode.Findings;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<ParkedEvent>))]
internal sealed partial class CliJson : JsonSerializerContext;
