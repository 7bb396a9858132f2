using FineTuneChat.Native.Llama;

namespace FineTuneChat.Chat.Encoding;

/// <summary>llama.cpp's tokeniser for a model's vocabulary.</summary>
internal sealed class VocabularyTokenizer : ITokenizer
{
    // llama.cpp reads the text of these as tokens when it is asked to; of user-defined ones always.
    private const TokenAttributes Special = TokenAttributes.Control | TokenAttributes.UserDefined | TokenAttributes.Unknown;

    private readonly Vocabulary _vocabulary;

    public VocabularyTokenizer(Vocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        var tokens = new List<SpecialToken>();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            TokenAttributes attributes = vocabulary.AttributesOf(id);
            if ((attributes & Special) != 0 && System.Text.Encoding.UTF8.GetString(vocabulary.SpecialPieceOf(id)) is { Length: > 0 } text)
                tokens.Add(new SpecialToken(id, text, attributes.HasFlag(TokenAttributes.LeftStrip), attributes.HasFlag(TokenAttributes.RightStrip)));
        }
        SpecialTokens = tokens;
    }

    public IReadOnlyList<SpecialToken> SpecialTokens { get; }

    public int? RequiredBos => _vocabulary.AddBos ? _vocabulary.Bos : null;

    public int? EndOfTurn => _vocabulary.Eos ?? _vocabulary.Eot;

    public bool IsEndOfGeneration(int token) => _vocabulary.IsEndOfGeneration(token);

    public int[] Tokenize(string text) => _vocabulary.Tokenize(text, addSpecial: false, parseSpecial: false);
}
