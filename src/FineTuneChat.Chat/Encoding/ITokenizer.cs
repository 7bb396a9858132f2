namespace FineTuneChat.Chat.Encoding;

/// <summary>What encoding needs of a vocabulary. The model's own is <see cref="VocabularyTokenizer"/>; tests bring small ones.</summary>
internal interface ITokenizer
{
    /// <summary>Control and user-defined tokens.</summary>
    IReadOnlyList<SpecialToken> SpecialTokens { get; }

    /// <summary>The token that must begin every input; null when none must.</summary>
    int? RequiredBos { get; }

    /// <summary>The token that ends a turn; null when the model has none.</summary>
    int? EndOfTurn { get; }

    bool IsEndOfGeneration(int token);

    /// <summary>Ids of a text in which no control token is looked for.</summary>
    int[] Tokenize(string text);
}

/// <summary>A token that stands in a text as a whole. LeftStrip and RightStrip: the white space before or after it belongs to it.</summary>
internal sealed record SpecialToken(int Id, string Text, bool LeftStrip = false, bool RightStrip = false);
