namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>A trained byte-level BPE vocabulary in the form of the GGUF keys <c>tokenizer.ggml.*</c>.</summary>
/// <param name="Tokens">Token texts in <see cref="ByteAlphabet"/> characters; the index is the id. Specials are last.</param>
/// <param name="TokenTypes">llama.cpp's token types: 1 normal, 3 control.</param>
/// <param name="Merges">"left right", the first having the highest priority.</param>
internal sealed record BpeVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<int> TokenTypes, IReadOnlyList<string> Merges)
{
    public const string EndOfText = "<|endoftext|>";
    public const string StartOfMessage = "<|im_start|>";
    public const string EndOfMessage = "<|im_end|>";

    public const int NormalType = 1;
    public const int ControlType = 3;

    /// <summary>The control tokens, in the order in which they close the vocabulary.</summary>
    public static readonly IReadOnlyList<string> Specials = [EndOfText, StartOfMessage, EndOfMessage];

    public int Size => Tokens.Count;

    /// <summary><c>bos_token_id</c> and <c>padding_token_id</c>; it is never added to a prompt (<c>add_bos_token = false</c>).</summary>
    public int BosId => Size - 3;

    public int PaddingId => Size - 3;

    public int StartOfMessageId => Size - 2;

    /// <summary><c>eos_token_id</c> and <c>eot_token_id</c>: a reply ends with the end of its message.</summary>
    public int EosId => Size - 1;

    public int EotId => Size - 1;
}
