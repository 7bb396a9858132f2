using System.Runtime.InteropServices;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>llama.h: library-wide functions. Names are the header's.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial byte* llama_version();

    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_backend_init();

    /// <summary>Sets ggml's logger too.</summary>
    [LibraryImport(NativeLibraries.Llama)]
    internal static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* userData);
}
