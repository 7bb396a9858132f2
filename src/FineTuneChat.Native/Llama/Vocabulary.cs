using System.Buffers;
using System.Text;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>
/// The tokens of a model and llama.cpp's own tokeniser for them: the same one serves and trains. Thread-safe.
/// Obtained from <see cref="LlamaModel.Vocabulary"/>; usable while that model is not disposed.
/// </summary>
public sealed unsafe class Vocabulary
{
    private const int None = -1; // LLAMA_TOKEN_NULL
    private const int PieceRoom = 256; // bytes; longer pieces take a second call

    private readonly ModelHandle _model;
    private readonly nint _vocabulary;
    private readonly byte[]?[] _pieces; // filled as tokens are seen

    internal Vocabulary(ModelHandle model)
    {
        _model = model;
        _vocabulary = LlamaNative.llama_model_get_vocab(model);
        Count = LlamaNative.llama_vocab_n_tokens(_vocabulary);
        Bos = Optional(LlamaNative.llama_vocab_bos(_vocabulary));
        Eos = Optional(LlamaNative.llama_vocab_eos(_vocabulary));
        Eot = Optional(LlamaNative.llama_vocab_eot(_vocabulary));
        Separator = Optional(LlamaNative.llama_vocab_sep(_vocabulary));
        AddSeparator = LlamaNative.llama_vocab_get_add_sep(_vocabulary);
        AddBos = LlamaNative.llama_vocab_get_add_bos(_vocabulary);
        AddEos = LlamaNative.llama_vocab_get_add_eos(_vocabulary);
        _pieces = new byte[]?[Count];
    }

    internal nint Pointer => _vocabulary;

    /// <summary>Number of tokens; ids run from 0 to Count - 1.</summary>
    public int Count { get; }

    /// <summary>Beginning of sequence; null when the model has none.</summary>
    public int? Bos { get; }

    /// <summary>End of sequence; null when the model has none.</summary>
    public int? Eos { get; }

    /// <summary>
    /// End of turn; null when the model has none. Chat models may end a turn with <see cref="Eos"/> instead; see <see cref="IsEndOfGeneration"/>.
    /// </summary>
    public int? Eot { get; }

    /// <summary>Whether the model wants <see cref="Bos"/> before its input.</summary>
    public bool AddBos { get; }

    /// <summary>Whether the model wants <see cref="Eos"/> after its input (rare; encoders).</summary>
    public bool AddEos { get; }

    /// <summary>What encoders have between two texts; null when the model has none.</summary>
    public int? Separator { get; }

    /// <summary>Whether the model wants <see cref="Separator"/> there.</summary>
    public bool AddSeparator { get; }

    /// <summary>Token ids of a text.</summary>
    /// <param name="text">The text; lone surrogates become U+FFFD.</param>
    /// <param name="addSpecial">Add BOS and EOS where the model wants them.</param>
    /// <param name="parseSpecial">Read the text of control tokens as those tokens. Off for anything that a user wrote: it stays text then.</param>
    /// <exception cref="LlamaException">The text has more tokens than fit an array.</exception>
    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, utf8);
        int[] tokens = ArrayPool<int>.Shared.Rent(length + 2); // rarely more tokens than bytes, plus BOS and EOS
        try
        {
            int count = Tokenize(utf8.AsSpan(0, length), tokens, addSpecial, parseSpecial);
            if (count < 0 && count != int.MinValue)
            {
                ArrayPool<int>.Shared.Return(tokens);
                tokens = ArrayPool<int>.Shared.Rent(-count);
                count = Tokenize(utf8.AsSpan(0, length), tokens, addSpecial, parseSpecial);
            }

            return count >= 0 ? tokens.AsSpan(0, count).ToArray() : throw new LlamaException($"A text of {length} bytes could not be tokenised.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
            ArrayPool<int>.Shared.Return(tokens);
        }
    }

    /// <summary>The bytes that a token adds to the text: UTF-8, possibly a part of a character. Empty for control tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public ReadOnlySpan<byte> PieceOf(int token)
    {
        Check(token);
        return _pieces[token] ??= Piece(token, special: false);
    }

    /// <summary>The bytes of a token with control tokens written out, as in <c>&lt;|im_end|&gt;</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public byte[] SpecialPieceOf(int token)
    {
        Check(token);
        return Piece(token, special: true);
    }

    /// <summary>The text of tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="tokens">Ids of this vocabulary.</param>
    /// <param name="special">Write control tokens out instead of leaving them out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of this vocabulary.</exception>
    public string Detokenize(ReadOnlySpan<int> tokens, bool special = false)
    {
        foreach (int token in tokens)
            Check(token);

        byte[] buffer = new byte[tokens.Length * 8 + 16];
        int length = Detokenize(tokens, buffer, special);
        if (length < 0)
        {
            buffer = new byte[-length];
            length = Detokenize(tokens, buffer, special);
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>Whether the token ends a reply: EOS, end of turn, and their like.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public bool IsEndOfGeneration(int token)
    {
        Check(token);
        return LlamaNative.llama_vocab_is_eog(_vocabulary, token);
    }

    /// <summary>Whether the token steers (role markers, BOS) and is never text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public bool IsControl(int token)
    {
        Check(token);
        return LlamaNative.llama_vocab_is_control(_vocabulary, token);
    }

    /// <summary>The flags of a token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public TokenAttributes AttributesOf(int token)
    {
        Check(token);
        return (TokenAttributes)LlamaNative.llama_vocab_get_attr(_vocabulary, token);
    }

    private static int? Optional(int token) => token == None ? null : token;

    private void Check(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Count);
        ObjectDisposedException.ThrowIf(_model.IsClosed, typeof(LlamaModel));
    }

    private int Tokenize(ReadOnlySpan<byte> utf8, Span<int> tokens, bool addSpecial, bool parseSpecial)
    {
        ObjectDisposedException.ThrowIf(_model.IsClosed, typeof(LlamaModel));
        fixed (byte* text = utf8)
        fixed (int* ids = tokens)
            return LlamaNative.llama_tokenize(_vocabulary, text, utf8.Length, ids, tokens.Length, addSpecial, parseSpecial);
    }

    private int Detokenize(ReadOnlySpan<int> tokens, Span<byte> utf8, bool special)
    {
        fixed (int* ids = tokens)
        fixed (byte* text = utf8)
            return LlamaNative.llama_detokenize(_vocabulary, ids, tokens.Length, text, utf8.Length, remove_special: false, special);
    }

    private byte[] Piece(int token, bool special)
    {
        byte* room = stackalloc byte[PieceRoom];
        int length = LlamaNative.llama_token_to_piece(_vocabulary, token, room, PieceRoom, lstrip: 0, special);
        if (length >= 0)
            return new ReadOnlySpan<byte>(room, length).ToArray();

        var piece = new byte[-length];
        fixed (byte* longRoom = piece)
            _ = LlamaNative.llama_token_to_piece(_vocabulary, token, longRoom, piece.Length, lstrip: 0, special);
        return piece;
    }
}
