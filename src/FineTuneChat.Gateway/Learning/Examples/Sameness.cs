using System.Security.Cryptography;
using System.Text;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// When two texts say the same: equal words and numbers in equal order, whatever their case, spacing and sentence marks. Nothing looser:
/// "We open at 9" and "We open at 10" are nearly equal, too, and teach different things.
/// </summary>
internal static class Sameness
{
    private static readonly char[] Marks = [.. ".,;:!?¡¿…\"'“”‘’«»()[]"];

    /// <summary>Equal for texts that say the same.</summary>
    public static string Of(string? text) => string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Plain).Where(w => w.Length > 0));

    /// <summary>Equal for conversations that say the same, with the same speakers. A hash: examples are many and long.</summary>
    public static string Of(IEnumerable<RequestMessage> messages)
    {
        IEnumerable<string> said = messages.Select(m => $"{(m.Role == "developer" ? "system" : m.Role)}\u001f{Of(m.Content)}\u001f{Calls(m)}");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001e', said))));
    }

    private static string Plain(string word)
    {
        string plain = word.Trim(Marks);
        return plain.Any(char.IsLetterOrDigit) ? plain.ToLowerInvariant() : word.Length == 1 && Marks.Contains(word[0]) ? "" : word; // ":-)" is a word
    }

    private static string Calls(RequestMessage message) =>
        string.Join('\u001d', (message.ToolCalls ?? []).Select(c => $"{c.Function?.Name} {c.Function?.Arguments}"));
}
