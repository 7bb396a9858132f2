using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>
/// A sampler that takes long to make (a grammar is parsed, DRY reads the whole vocabulary), made once and copied into each chain. Thread-safe.
/// </summary>
public sealed unsafe class SamplerPrototype : IDisposable
{
    private readonly SamplerHandle _handle;

    private SamplerPrototype(nint sampler, LlamaModel model) => _handle = new SamplerHandle(sampler, model.Handle);

    /// <summary>Picks only tokens that a grammar allows.</summary>
    /// <param name="model">The model whose tokens it will see.</param>
    /// <param name="grammar">Rules in llama.cpp's notation, the first of them <c>root</c>. Not from outside: llama.cpp's reader trusts its input.</param>
    /// <exception cref="LlamaException">llama.cpp cannot read it.</exception>
    public static SamplerPrototype Grammar(LlamaModel model, string grammar) =>
        LlamaNative.llama_sampler_init_grammar(model.Vocabulary.Pointer, grammar, "root") is var sampler and not 0
            ? new(sampler, model)
            : throw new LlamaException("llama.cpp cannot read the grammar of this request.");

    /// <summary>DRY: makes a token less likely that would go on repeating what the text holds already.</summary>
    /// <param name="model">The model whose tokens it will see.</param>
    /// <param name="multiplier">Strength, above 0.</param>
    /// <param name="growth">Factor per token of the repetition beyond the allowed length, at least 1.</param>
    /// <param name="allowedLength">Tokens that may repeat freely.</param>
    /// <param name="window">Number of last tokens that count, at least 1.</param>
    /// <param name="breakers">Texts that no repetition reaches across.</param>
    public static SamplerPrototype Dry(LlamaModel model, float multiplier, float growth, int allowedLength, int window, IReadOnlyList<string> breakers)
    {
        byte** texts = stackalloc byte*[Math.Max(1, breakers.Count)];
        try
        {
            for (int i = 0; i < breakers.Count; i++)
                texts[i] = (byte*)Marshal.StringToCoTaskMemUTF8(breakers[i]);
            return new(
                LlamaNative.llama_sampler_init_dry(model.Vocabulary.Pointer, multiplier, growth, allowedLength, window, texts, (nuint)breakers.Count), model);
        }
        finally
        {
            for (int i = 0; i < breakers.Count; i++)
                Marshal.FreeCoTaskMem((nint)texts[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    internal nint Copy() => LlamaNative.llama_sampler_clone(_handle);
}
