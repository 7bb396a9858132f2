using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>
/// Plain texts: cut into windows of as many tokens as the model's context, every token predicted, in another order in each epoch. Sections of a few
/// paragraphs are held out, the same ones each time.
/// </summary>
/// <param name="documents">Cleaned texts.</param>
/// <param name="context">Tokens of a window.</param>
/// <param name="heldOutShare">Share of the sections that is measured with, 0 to below 1.</param>
/// <param name="seed">Of the order.</param>
public sealed class TextCorpus(IReadOnlyList<string> documents, int context, double heldOutShare, ulong seed) : PretrainCorpus
{
    private const int SectionCharacters = 4_000;
    private const int MostHeldOut = 64; // windows: enough for three digits of the loss

    private readonly (string Text, bool IsHeldOut)[][] _sections =
        [.. documents.Select(text => Sections(text).Select(s => (s, Fraction(s) < heldOutShare)).ToArray())];

    /// <summary>Characters that are learned.</summary>
    public long Characters => Learned.Sum(text => (long)text.Length);

    /// <inheritdoc/>
    public override IEnumerable<string> TokenizerTexts => Learned;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Identity => new Dictionary<string, string>
    {
        ["the corpus"] = RunIdentity.FileContent(Convert.ToHexStringLower(Hash())),
        ["--val-share"] = heldOutShare.ToString(CultureInfo.InvariantCulture),
    };

    private byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string document in documents)
            hash.AppendData(Encoding.UTF8.GetBytes(document + "\0"));
        return hash.GetHashAndReset();
    }

    private IEnumerable<string> Learned => _sections.SelectMany(document => document).Where(s => !s.IsHeldOut).Select(s => s.Text);

    /// <summary>The windows of one epoch, in the order of the texts.</summary>
    /// <param name="tokenizer">The model's own.</param>
    public IReadOnlyList<TrainingExample> Windows(LlamaModel tokenizer) => Windows(tokenizer, isHeldOut: false);

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Examples(LlamaModel tokenizer)
    {
        TrainingExample[] windows = [.. Windows(tokenizer)];
        if (windows.Length == 0)
            throw new InvalidDataException("The corpus has no text to learn beside what is held out.");
        for (int epoch = 0; ; epoch++)
        {
            TrainingExample[] order = [.. windows];
            new Random(unchecked((int)seed + (7919 * epoch))).Shuffle(order);
            foreach (TrainingExample window in order)
                yield return window;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingExample> HeldOut(LlamaModel tokenizer)
    {
        IReadOnlyList<TrainingExample> all = Windows(tokenizer, isHeldOut: true);
        return all.Count <= MostHeldOut ? all : [.. Enumerable.Range(0, MostHeldOut).Select(i => all[(int)((long)i * all.Count / MostHeldOut)])];
    }

    /// <summary>Beginnings of sections that are held out: what a model may be asked to go on with while it learns.</summary>
    /// <param name="count">The most of them.</param>
    public IReadOnlyList<string> Beginnings(int count) =>
        [.. _sections.SelectMany(d => d).Where(s => s.IsHeldOut).Select(s => Beginning(s.Text)).Where(text => text.Length > 0).Distinct().Take(count)];

    private IReadOnlyList<TrainingExample> Windows(LlamaModel tokenizer, bool isHeldOut)
    {
        Vocabulary vocabulary = tokenizer.Vocabulary;
        int separator = Separator(vocabulary);
        var tokens = new List<int>();
        foreach (var document in _sections)
        {
            bool goesOn = false;
            foreach ((string text, bool held) in document)
            {
                if (held == isHeldOut)
                    tokens.AddRange([.. goesOn ? [] : (int[])[separator], .. vocabulary.Tokenize(text, addSpecial: false, parseSpecial: false)]);
                goesOn = held == isHeldOut;
            }
        }
        tokens.Add(separator);
        return [.. tokens.Chunk(context).Where(window => window.Length > 1).Select(window => new TrainingExample(window, [.. window.Select(_ => true)]))];
    }

    /// <summary>What stands between texts: what the model expects before one.</summary>
    private static int Separator(Vocabulary vocabulary) => vocabulary.AddBos && vocabulary.Bos is { } bos ? bos
        : vocabulary.Tokenize("<|endoftext|>", addSpecial: false, parseSpecial: true) is [var end] ? end
        : vocabulary.Eos ?? vocabulary.Bos ?? 0;

    /// <summary>Paragraphs together, as long as they have no more characters than a section may; the text between them stays.</summary>
    internal static IEnumerable<string> Sections(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = Math.Min(text.Length, start + SectionCharacters);
            if (end < text.Length)
            {
                int paragraph = text.LastIndexOf("\n\n", end - 1, end - start, StringComparison.Ordinal), line = text.LastIndexOf('\n', end - 1, end - start);
                end = paragraph > start ? paragraph + 2 : line > start ? line + 1 : char.IsLowSurrogate(text[end]) ? end - 1 : end;
            }
            yield return text[start..end];
            start = end;
        }
    }

    /// <summary>Of its first paragraph that begins like a sentence.</summary>
    private static string Beginning(string text)
    {
        string paragraph = text.Split("\n\n").FirstOrDefault(p => p.Length > 40 && char.IsUpper(p[0])) ?? "";
        return string.Join(' ', paragraph.Split([' ', '\n']).Take(4));
    }

    private static double Fraction(string text) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) / 4294967296.0;
}
