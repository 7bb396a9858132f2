using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>How far a text has come in a grammar, and which tokens may follow.</summary>
internal sealed unsafe class GrammarState : IDisposable
{
    private readonly SamplerHandle _handle;
    private readonly Vocabulary _vocabulary;
    private byte _pending; // first byte of a character that is not complete

    /// <param name="model">The model whose tokens are asked about.</param>
    /// <param name="grammar">Where it begins.</param>
    public GrammarState(LlamaModel model, SamplerPrototype grammar)
    {
        _vocabulary = model.Vocabulary;
        _handle = new SamplerHandle(grammar.Copy(), model.Handle);
    }

    /// <summary>Whether a token may come next.</summary>
    public bool Allows(int token)
    {
        var one = new llama_token_data { id = token };
        Mask(new Span<llama_token_data>(ref one));
        return float.IsFinite(one.logit);
    }

    /// <summary>Sets the logits of tokens that may not come next to negative infinity.</summary>
    public void Mask(Span<llama_token_data> candidates)
    {
        fixed (llama_token_data* data = candidates)
        {
            var array = new llama_token_data_array { data = data, size = (nuint)candidates.Length, selected = -1 };
            LlamaNative.llama_sampler_apply(_handle, &array);
        }

        // llama.cpp looks at the first byte of a character only, so it accepts overlong encodings, which are not valid UTF-8.
        foreach (ref llama_token_data candidate in candidates)
        {
            if (float.IsFinite(candidate.logit) && !IsUtf8(_vocabulary.PieceOf(candidate.id)))
                candidate.logit = float.NegativeInfinity;
        }
    }

    /// <summary>Goes on with a token that is allowed.</summary>
    /// <exception cref="LlamaException">It is not; llama.cpp would end the process.</exception>
    public void Accept(int token)
    {
        if (!Allows(token))
            throw new LlamaException($"No token of this model can follow the grammar here; token {token} cannot.");
        LlamaNative.llama_sampler_accept(_handle, token);
        ReadOnlySpan<byte> piece = _vocabulary.PieceOf(token);
        int last = piece.LastIndexOfAnyExceptInRange((byte)0x80, (byte)0xBF);
        if (last >= 0)
            _pending = piece.Length - last < LengthOf(piece[last]) ? piece[last] : (byte)0;
        else if (piece.Length > 0)
            _pending = 0; // only the second byte depends on the first
    }

    public void Dispose() => _handle.Dispose();

    private bool IsUtf8(ReadOnlySpan<byte> piece)
    {
        byte first = _pending;
        foreach (byte next in piece)
        {
            if (next >= 0xF5 || (first == 0xE0 && next < 0xA0) || (first == 0xF0 && next < 0x90))
                return false;
            first = next;
        }

        return true;
    }

    private static int LengthOf(byte first) => first switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
}
