using System.Globalization;

namespace IntentRouter.Storage;

/// <summary>
/// How keys of shared values and counters name people, so that erasure finds them: a key that is one of these, or begins with one and a
/// slash, goes with the contact. Keys about a conversation begin with its <see cref="Conversations.ConversationKey"/>.
/// </summary>
internal static class StoreKeys
{
    public static string Contact(long account, long contact) => string.Create(CultureInfo.InvariantCulture, $"contact/{account}/{contact}");
}
