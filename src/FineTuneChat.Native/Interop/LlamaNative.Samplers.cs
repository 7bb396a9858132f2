using System.Runtime.InteropServices;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>llama.h: samplers. A chain owns what is added to it.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_chain_init(llama_sampler_chain_params parameters);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_sampler_chain_add(SamplerHandle chain, nint sampler);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_sampler_free(nint sampler);

    /// <summary>With all of its state. Only reads the sampler.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_clone(SamplerHandle sampler);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_sampler_accept(nint sampler, int token);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_sampler_accept(SamplerHandle sampler, int token);

    /// <summary>Changes the candidates: their logits, their order, which one is selected. May set data to memory of its own.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_sampler_apply(SamplerHandle sampler, llama_token_data_array* cur_p);

    /// <summary>Null when the grammar cannot be read. Accepting a token that it does not allow ends the process.</summary>
    [LibraryImport(NativeLibraries.Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint llama_sampler_init_grammar(nint vocab, string grammar_str, string grammar_root);

    /// <summary>Samples from the logits of the batch's idx-th token and accepts the result.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_sampler_sample(SamplerHandle sampler, ContextHandle context, int idx);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_greedy();

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_dist(uint seed);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_top_k(int k);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_top_p(float p, nuint min_keep);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_min_p(float p, nuint min_keep);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_typical(float p, nuint min_keep);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_temp(float t);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_penalties(int n_vocab, int penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present);

    /// <summary>Copies the breakers, [num_breakers] texts of UTF-8 that end with 0.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_dry(
        nint vocab, float dry_multiplier, float dry_base, int dry_allowed_length, int dry_penalty_last_n, byte** seq_breakers, nuint num_breakers);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_xtc(float p, float t, nuint min_keep, uint seed);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_mirostat(int n_vocab, uint seed, float tau, float eta, int m);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_mirostat_v2(uint seed, float tau, float eta);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_sampler_init_logit_bias(int n_vocab, int n_logit_bias, llama_logit_bias* logit_bias);
}
