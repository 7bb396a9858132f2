using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Checks;

/// <summary>
/// Rows that say the same as an earlier one, nearly the same, or answer the same question otherwise. Only hashes are kept; near ones are found by MinHash: of
/// two texts that share a share of their pairs of words, as large a share of these hashes is equal.
/// </summary>
internal sealed class Repetitions(DatasetReport report)
{
    private const int Hashes = 32, Bands = 8, BandHashes = Hashes / Bands;
    private const int NearlyAll = 28; // of the hashes: about 0.85 of the pairs of words
    private const int FewestWords = 8; // of a text of which anything can be called near
    private const int MostSearched = 200_000; // rows: 200 bytes each

    private static readonly ulong[] Factors = [.. Enumerable.Range(1, Hashes).Select(i => Mixed((ulong)i) | 1)];

    private readonly Dictionary<ulong, (ulong Answer, int Row)> _answers = [];
    private readonly Dictionary<(int Band, ulong Hash), int> _bands = [];
    private readonly List<(uint[] Signature, ulong Numbers, int Row)> _signatures = [];

    /// <summary>The kind of repetition, one of <see cref="NoticeKinds"/>; null where it is none.</summary>
    public string? Add(IReadOnlyList<ChatMessage> messages, int row)
    {
        List<ulong> question = [], answer = [], numbers = [];
        foreach (ChatMessage message in messages.SkipLast(1))
            WordsOf(message, question, numbers);
        WordsOf(messages[^1], answer, numbers);
        (ulong asked, ulong said) = (Of(question), Of(answer));
        if (_answers.TryGetValue(asked, out (ulong Answer, int Row) first))
        {
            if (first.Answer == said)
            {
                report.Tell(NoticeKinds.Duplicates, "says the same as an earlier one", row, $"{row} as {first.Row}");
                return NoticeKinds.Duplicates;
            }
            report.Tell(NoticeKinds.Contradictions, "answers the same question otherwise than an earlier one", row, $"{row} and {first.Row}");
            return NoticeKinds.Contradictions;
        }
        _answers[asked] = (said, row);
        return question.Count + answer.Count >= FewestWords ? LookNear([.. question, .. answer], Of(numbers), row) : null;
    }

    private string? LookNear(List<ulong> words, ulong numbers, int row)
    {
        if (_signatures.Count >= MostSearched)
        {
            report.Tell(NoticeKinds.NearDuplicates, $"rows that are nearly the same are looked for among the first {MostSearched:N0} only");
            return null;
        }
        uint[] signature = SignatureOf(words);
        int? near = null;
        for (int band = 0; band < Bands; band++)
        {
            (int, ulong) key = (band, Of(signature.AsSpan(band * BandHashes, BandHashes)));
            if (!_bands.TryAdd(key, _signatures.Count) && near is null)
            {
                (uint[] other, ulong otherNumbers, int otherRow) = _signatures[_bands[key]];
                // What differs in numbers teaches something else: "open at 9", "open at 10".
                if (numbers == otherNumbers && signature.Zip(other).Count(pair => pair.First == pair.Second) >= NearlyAll)
                    near = otherRow;
            }
        }
        _signatures.Add((signature, numbers, row));
        if (near is not { } earlier)
            return null;
        report.Tell(NoticeKinds.NearDuplicates, "says nearly the same as an earlier one", row, $"{row} as {earlier}");
        return NoticeKinds.NearDuplicates;
    }

    /// <summary>Of each hash function the least value of all pairs of neighbouring words.</summary>
    private static uint[] SignatureOf(List<ulong> words)
    {
        var least = new uint[Hashes];
        Array.Fill(least, uint.MaxValue);
        for (int i = 0; i + 1 < words.Count; i++)
        {
            ulong pair = Mixed(words[i] * 31 + words[i + 1]);
            for (int h = 0; h < Hashes; h++)
                least[h] = Math.Min(least[h], (uint)((pair * Factors[h]) >> 32));
        }
        return least;
    }

    /// <summary>Hashes of the words, whatever their case, accents and marks; of numbers once more.</summary>
    private static void WordsOf(ChatMessage message, List<ulong> words, List<ulong> numbers)
    {
        words.Add((ulong)message.Role);
        AddWords(message.Content ?? "", words, numbers);
        foreach (ChatToolCall call in message.ToolCalls)
            AddWords($"{call.Name} {call.Arguments}", words, numbers);
    }

    private static void AddWords(string text, List<ulong> words, List<ulong> numbers)
    {
        ulong hash = 0;
        bool isNumber = false;
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                hash = (hash == 0 ? 14695981039346656037 : hash) ^ LatinLetters.PlainOf(c);
                hash *= 1099511628211;
                isNumber |= char.IsDigit(c);
                continue;
            }
            if (!LatinLetters.IsAccent(c))
                End();
        }
        End();

        void End()
        {
            if (hash == 0)
                return;
            words.Add(hash);
            if (isNumber)
                numbers.Add(hash);
            (hash, isNumber) = (0, false);
        }
    }

    private static ulong Of(List<ulong> words)
    {
        ulong hash = 14695981039346656037;
        foreach (ulong word in words)
            hash = Mixed(hash ^ word);
        return hash;
    }

    private static ulong Of(ReadOnlySpan<uint> values)
    {
        ulong hash = 14695981039346656037;
        foreach (uint value in values)
            hash = Mixed(hash ^ value);
        return hash;
    }

    private static ulong Mixed(ulong x) // the finaliser of SplitMix64
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
