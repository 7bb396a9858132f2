using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Encoding;

/// <summary>Rendered text as token ids: special tokens where the template wrote them, everything between them as plain text in one piece.</summary>
internal sealed class TextEncoder(ITokenizer tokenizer)
{
    // Before a continuation, so that a tokeniser which puts a space before every text puts it before this.
    private const string Anchor = "\n";

    private readonly SpecialTokenSplitter _splitter = new(tokenizer.SpecialTokens);
    private readonly TokenizationCache _plain = new(tokenizer.Tokenize);

    /// <summary>How many tokens a text is, alone.</summary>
    public int CountPlain(string text) => _plain.Tokenize(text).Length;

    public List<Fragment> Split(MarkedText text) => _splitter.Split(text);

    /// <summary>The ids of an input from its beginning, with BOS where the model wants it and the template did not write it.</summary>
    public int[] EncodeInput(MarkedText text)
    {
        int[] ids = Encode(text);
        return tokenizer.RequiredBos is { } bos && (ids.Length == 0 || ids[0] != bos) ? [bos, .. ids] : ids;
    }

    /// <summary>
    /// The ids that a text adds after <paramref name="before"/>, whose ids are fixed: those of both together when they begin
    /// with the ones fixed, otherwise those of the text alone.
    /// </summary>
    public int[] EncodeContinuation(MarkedText before, int[] fixedIds, MarkedText text)
    {
        int[] together = EncodeInput(before.Add(text));
        if (together.AsSpan().StartsWith(fixedIds))
            return together[fixedIds.Length..];
        int[] alone = Encode(text);
        int[] anchor = _plain.Tokenize(Anchor);
        int[] anchored = Encode(MarkedText.Of(Anchor, Origin.Data).Add(text));
        return Split(before) is [.., { Token: null }] && anchored.AsSpan().StartsWith(anchor) ? anchored[anchor.Length..] : alone;
    }

    private int[] Encode(MarkedText text)
    {
        var ids = new List<int>();
        foreach (Fragment fragment in _splitter.Split(text))
        {
            if (fragment.Token is { } token)
                ids.Add(token);
            else
                ids.AddRange(_plain.Tokenize(text.Text.Substring(fragment.Start, fragment.Length)));
        }
        return [.. ids];
    }
}
