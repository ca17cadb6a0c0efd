using System.Text;
using IntentRouter.Adapters.Local.Encoding;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>
/// An intent's name says what it is about in words that its examples may lack: it is one more example. Worth a point of accuracy at 10 examples an
/// intent, nothing at 100.
/// </summary>
internal static class IntentNames
{
    /// <summary>The words of <c>card_payment</c>, <c>cardPayment</c> or <c>faq/card-payment</c>; null when there are none.</summary>
    public static string? Words(string intent)
    {
        var words = new StringBuilder();
        for (var i = 0; i < intent.Length; i++)
        {
            if (!char.IsLetterOrDigit(intent[i]))
            {
                words.Append(' ');
                continue;
            }

            if (i > 0 && char.IsUpper(intent[i]) && char.IsLower(intent[i - 1]))
            {
                words.Append(' ');
            }

            words.Append(intent[i]);
        }

        var text = TextNormalizer.Normalize(words.ToString());
        return text.Any(char.IsLetter) ? text : null;
    }
}
