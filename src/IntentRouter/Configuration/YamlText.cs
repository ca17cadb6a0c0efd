using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IntentRouter.Configuration;

/// <summary>The one way to YAML: whatever is wrong with a text is a <see cref="YamlException"/> that says where.</summary>
internal static class YamlText
{
    /// <summary>Reads a file of UTF-8, or of UTF-16 with its mark.</summary>
    /// <exception cref="YamlException">Its bytes are no such text: read all the same, a letter would become a question mark in what customers are told.</exception>
    public static string ReadFile(string path)
    {
        var bytes = File.ReadAllBytes(path);
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        };
        try
        {
            return encoding.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException ex)
        {
            var line = bytes.AsSpan(0, Math.Clamp(ex.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            var at = new Mark(0, line, 1);
            throw new YamlException(at, at, "there are bytes here that are not UTF-8; save the file as UTF-8");
        }
    }

    public static IParser Parse(string text) => new CarefulParser(new Parser(new StringReader(text)));

    /// <summary>What is wrong, without the position that the library puts in front of it.</summary>
    public static string Sentence(YamlException ex)
    {
        var text = (ex.InnerException as YamlException ?? ex).Message;
        var end = text.IndexOf("): ", StringComparison.Ordinal);
        return (end > 0 && text.StartsWith('(') ? text[(end + 3)..] : text).TrimEnd('.') + ".";
    }

    /// <summary>The library's parser ends in exceptions of all kinds where a bracket is not closed.</summary>
    private sealed class CarefulParser(Parser parser) : IParser
    {
        public ParsingEvent? Current => parser.Current;

        public bool MoveNext()
        {
            try
            {
                return parser.MoveNext();
            }
            catch (Exception ex) when (ex is not (YamlException or OutOfMemoryException))
            {
                var at = parser.Current?.End ?? Mark.Empty;
                throw new YamlException(at, at, "what follows cannot be read; is a bracket, brace or quote not closed", ex);
            }
        }
    }
}
