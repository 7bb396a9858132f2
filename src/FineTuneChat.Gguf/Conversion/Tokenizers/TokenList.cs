using System.Globalization;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>llama.cpp's kinds of tokens, by its numbers.</summary>
internal enum TokenType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>The tokens of a GGUF file: as many as the embedding has rows, those without a text filled up.</summary>
internal sealed class TokenList
{
    private const float UnusedScore = -10_000, AddedScore = -1000;
    private const char SentencePieceSpace = '▁';

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public TokenList(int rows)
    {
        Texts = [.. Enumerable.Range(0, rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"[PAD{i}]"))];
        Types = [.. Enumerable.Repeat((int)TokenType.Unused, rows)];
        Scores = [.. Enumerable.Repeat(UnusedScore, rows)];
    }

    public string[] Texts { get; }

    public int[] Types { get; }

    public float[] Scores { get; }

    /// <summary>Added tokens without a row in the embedding: the model cannot read them.</summary>
    public List<string> WithoutRow { get; } = [];

    public void Set(int id, string text, TokenType type, float score = 0)
    {
        _ids[text] = id;
        (Texts[id], Types[id], Scores[id]) = (text, (int)type, score);
    }

    /// <summary>A token beside the tokenizer's own: special ones are read only where asked for, others before anything else.</summary>
    public void Add(int id, string text, bool isSpecial)
    {
        if (id < 0 || id >= Texts.Length)
        {
            WithoutRow.Add(text);
            return;
        }

        _ids[text] = id;
        if (isSpecial || LooksSpecial(text))
            Set(id, text, TokenType.Control, AddedScore);
        else
            Set(id, text.Replace(SentencePieceSpace, ' '), TokenType.UserDefined, AddedScore);
    }

    /// <summary>A token's number by its text; null: there is none.</summary>
    public int? Find(string? text) => text is not null && _ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>Some models mark control tokens as not special; llama.cpp's converter knows them by their looks.</summary>
    private static bool LooksSpecial(string text)
    {
        return text is "<pad>" or "<mask>" or "<2mass>" or "[@BOS@]" || Is("<|", "|>") || Is("<｜", "｜>") || Is("<unused", ">");

        bool Is(string start, string end) => text.StartsWith(start, StringComparison.Ordinal) && text.EndsWith(end, StringComparison.Ordinal);
    }
}
