using System.Reflection;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Native.Loading;

/// <summary>
/// Loads llama.cpp's libraries from the folder <c>native</c> beside the program, checks that they are the release these bindings
/// were written for, and registers ggml's backends. Call <see cref="Load"/> once, before anything else of this project.
/// </summary>
public static class NativeLibraries
{
    /// <summary>The release of llama.cpp that the bindings follow; another one is refused, because struct layouts move between releases.</summary>
    public const string RequiredVersion = "0.4.0";

    internal const string Llama = "llama";
    internal const string Ggml = "ggml";
    internal const string GgmlBase = "ggml-base";

    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>The folder that the libraries are loaded from.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "native");

    /// <summary>The library for a GPU once more, linked to the CUDA before the newest.</summary>
    private static string OlderDrivers => Path.Combine(Folder, "fallback");

    /// <summary>Loads the libraries and every compute backend found beside them. Later calls only replace the logger.</summary>
    /// <param name="logger">Receives llama.cpp's own messages; none: they are dropped.</param>
    /// <exception cref="NativeLibraryException">A library is missing, cannot be loaded, or is of another version.</exception>
    public static void Load(ILogger? logger = null)
    {
        lock (Gate)
        {
            NativeLog.Target = logger;
            if (_loaded)
                return;

            // A failed GGML_ASSERT would otherwise fork a debugger for a backtrace, for seconds, before the process ends.
            Environment.SetEnvironmentVariable("GGML_NO_BACKTRACE", "1");
            NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), Resolve);
            CheckVersion();
            NativeLog.Install();
            GgmlNative.ggml_backend_load_all_from_path(Folder);
            if (Directory.Exists(OlderDrivers) && ComputeDevice.Gpus().Count == 0)
                GgmlNative.ggml_backend_load_all_from_path(OlderDrivers);
            if (GgmlNative.ggml_backend_dev_count() == 0)
            {
                throw new NativeLibraryException(
                    $"No compute backend could be loaded from {Folder}. Fetch the release anew, or in a clone delete node_modules and bin and build again.");
            }
            LlamaNative.llama_backend_init();
            _loaded = true;
        }
    }

    private static unsafe void CheckVersion()
    {
        string found = Marshal.PtrToStringUTF8((nint)LlamaNative.llama_version()) ?? "";
        if (!found.StartsWith(RequiredVersion, StringComparison.Ordinal))
        {
            throw new NativeLibraryException(
                $"{Folder} holds llama.cpp {found}; this program needs {RequiredVersion}. Fetch the release anew, or in a clone run 'npm ci' and build again.");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name is not (Llama or Ggml or GgmlBase))
            return 0;

        string[] candidates = [.. FileNames(name).SelectMany(f => Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, f) : [])];
        foreach (string path in candidates)
        {
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (DllNotFoundException e)
            {
                throw new NativeLibraryException(
                    $"{path} exists but cannot be loaded: {e.Message}. It needs a 64-bit system with glibc 2.34 or newer on Linux, or the Visual C++ "
                    + "runtime on Windows.", e);
            }
        }

        throw new NativeLibraryException(
            $"llama.cpp's library '{name}' was not found. Tried: {string.Join(", ", FileNames(name).Select(f => Path.Combine(Folder, f)))}. "
            + "Fetch the release anew, or in a clone build again: the build copies the libraries from npm's @node-llama-cpp packages.");
    }

    /// <summary>
    /// The release's file names carry its version, and that of an accelerator its name (<c>libllama.vulkan.v0.4.0.so</c>), except for ggml-base.
    /// </summary>
    private static IEnumerable<string> FileNames(string name)
    {
        var (start, end) = OperatingSystem.IsWindows() ? (name, ".dll") : OperatingSystem.IsMacOS() ? ($"lib{name}", ".dylib") : ($"lib{name}", ".so");
        return [$"{start}.*v{RequiredVersion}{end}", start + end];
    }
}
