using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// Equal for conversations that say the same: equal words and numbers in equal order by equal speakers, whatever their case, spacing and sentence marks.
/// Nothing looser: "We open at 9" and "We open at 10" are nearly equal, too, and teach different things. A hash: examples are many and long.
/// </summary>
internal readonly record struct DedupKey(UInt128 Hash)
{
    private static readonly char[] Marks = [.. ".,;:!?¡¿…\"'“”‘’«»()[]"];

    public static DedupKey Of(IEnumerable<RequestMessage> messages)
    {
        IEnumerable<string> said = messages.Select(m => $"{(m.Role == "developer" ? "system" : m.Role)}\u001f{Normalise(m.Content)}\u001f{Calls(m)}");
        return new(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001e', said)))));
    }

    /// <summary>Of a question alone.</summary>
    public static DedupKey OfQuestion(string question) => Of([new RequestMessage { Role = "user", Content = question }]);

    private static string Normalise(string? text) =>
        string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Plain).Where(w => w.Length > 0));

    private static string Plain(string word)
    {
        string plain = word.Trim(Marks);
        if (plain.Any(char.IsLetterOrDigit))
            return plain.ToLowerInvariant();
        return word.Length == 1 && Marks.Contains(word[0]) ? "" : word; // ":-)" is a word
    }

    private static string Calls(RequestMessage message) =>
        string.Join('\u001d', (message.ToolCalls ?? []).Select(c => $"{c.Function?.Name} {c.Function?.Arguments}"));
}
