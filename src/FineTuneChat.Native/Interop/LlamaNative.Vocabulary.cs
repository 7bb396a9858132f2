using System.Runtime.InteropServices;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>llama.h: vocabulary and tokenisation. All thread-safe. A vocabulary is owned by its model.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_n_tokens(nint vocab);

    /// <summary>enum llama_vocab_type: 0 = the model has none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_type(nint vocab);

    /// <summary>enum llama_token_attr, flags.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_get_attr(nint vocab, int token);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_vocab_is_eog(nint vocab, int token);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_vocab_is_control(nint vocab, int token);

    /// <summary>-1 when there is none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_bos(nint vocab);

    /// <summary>-1 when there is none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_eos(nint vocab);

    /// <summary>-1 when there is none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_eot(nint vocab);

    /// <summary>-1 when there is none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_vocab_sep(nint vocab);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_vocab_get_add_sep(nint vocab);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_vocab_get_add_bos(nint vocab);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_vocab_get_add_eos(nint vocab);

    /// <summary>Number of tokens; negative: the room that is needed, negated; int.MinValue on overflow.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_tokenize(
        nint vocab, byte* text, int text_len, int* tokens, int n_tokens_max, [MarshalAs(UnmanagedType.U1)] bool add_special,
        [MarshalAs(UnmanagedType.U1)] bool parse_special);

    /// <summary>Number of bytes; negative: the room that is needed, negated. With special off, control tokens give none.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_token_to_piece(nint vocab, int token, byte* buf, int length, int lstrip, [MarshalAs(UnmanagedType.U1)] bool special);

    /// <summary>Number of bytes; negative: the room that is needed, negated.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_detokenize(
        nint vocab, int* tokens, int n_tokens, byte* text, int text_len_max, [MarshalAs(UnmanagedType.U1)] bool remove_special,
        [MarshalAs(UnmanagedType.U1)] bool unparse_special);
}
