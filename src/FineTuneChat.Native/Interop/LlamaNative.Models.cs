using System.Runtime.InteropServices;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>llama.h: models, their metadata, adapters, quantisation.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial llama_model_params llama_model_default_params();

    /// <summary>Null when the file is missing, corrupt or of an unknown architecture; the log says why.</summary>
    [LibraryImport(NativeLibraries.Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint llama_model_load_from_file(string path_model, llama_model_params parameters);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_model_free(nint model);

    /// <summary>Owned by the model.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial nint llama_model_get_vocab(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_model_n_ctx_train(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_model_n_embd(ModelHandle model);

    /// <summary>Numbers that a reranker gives a text.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial uint llama_model_n_cls_out(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_model_n_layer(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial ulong llama_model_size(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial ulong llama_model_n_params(ModelHandle model);

    /// <summary>Length of the text as snprintf counts it.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_model_desc(ModelHandle model, byte* buf, nuint buf_size);

    /// <summary>Length of the value as snprintf counts it (it may exceed the buffer), -1 when the key is absent or an array.</summary>
    [LibraryImport(NativeLibraries.Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int llama_model_meta_val_str(ModelHandle model, string key, byte* buf, nuint buf_size);

    /// <summary>Null when the file carries no template. A null name asks for the default one. Owned by the model.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial byte* llama_model_chat_template(ModelHandle model, byte* name);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_model_has_decoder(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_model_is_recurrent(ModelHandle model);

    [LibraryImport(NativeLibraries.Llama)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool llama_model_is_hybrid(ModelHandle model);

    /// <summary>Width of the attention window in tokens; 0 = all tokens.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial int llama_model_n_swa(ModelHandle model);

    /// <summary>Null when the file does not fit the model; the log says why.</summary>
    [LibraryImport(NativeLibraries.Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint llama_adapter_lora_init(ModelHandle model, string path_lora);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_adapter_lora_free(nint adapter);

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial llama_model_quantize_params llama_model_quantize_default_params();

    /// <summary>0 on success, 1 on any failure; the log says which.</summary>
    [LibraryImport(NativeLibraries.Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint llama_model_quantize(string fname_inp, string fname_out, llama_model_quantize_params* parameters);
}
