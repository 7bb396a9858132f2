using System.Runtime.InteropServices;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>llama.h: contexts, their memory of keys and values, decoding. One thread at a time per context.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial llama_context_params llama_context_default_params();

    /// <summary>Null when memory or parameters do not allow it; the log says why.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_init_from_model(ModelHandle model, llama_context_params parameters);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_free(nint context);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial uint llama_n_ctx(ContextHandle context);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial uint llama_n_batch(ContextHandle context);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial uint llama_n_seq_max(ContextHandle context);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_set_n_threads(ContextHandle context, int n_threads, int n_threads_batch);

    /// <summary>The pools compute from the next batch on; the context does not own them.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_attach_threadpool(ContextHandle context, ComputePool threadpool, ComputePool threadpool_batch);

    /// <summary>0 on success. An empty list switches adapters off.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_set_adapters_lora(ContextHandle context, nint* adapters, nuint n_adapters, float* scales);

    /// <summary>Owned by the context.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_get_memory(ContextHandle context);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_memory_clear(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    /// <summary>Removes positions [p0, p1); p1 &lt; 0 = to the end. False when a part of a sequence cannot be removed; a whole one always can.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_memory_seq_rm(nint memory, int seq_id, int p0, int p1);

    /// <summary>Shares positions [p0, p1) with another sequence.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_memory_seq_cp(nint memory, int seq_id_src, int seq_id_dst, int p0, int p1);

    /// <summary>0 success; 1 no room for the batch (state as before); 2 aborted; -1 invalid batch (state as before); below -1 fatal.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_decode(ContextHandle context, llama_batch batch);

    /// <summary>Logits of the batch's i-th token, [n_vocab]; null when it was not marked for output.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial float* llama_get_logits_ith(ContextHandle context, int i);

    /// <summary>Last hidden state of the batch's i-th token, [n_embd]; null when the context makes none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial float* llama_get_embeddings_ith(ContextHandle context, int i);

    /// <summary>What a sequence of the batch is pooled to, [n_embd], of rerankers [n_cls_out]; null when nothing is pooled.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial float* llama_get_embeddings_seq(ContextHandle context, int seq_id);
}
