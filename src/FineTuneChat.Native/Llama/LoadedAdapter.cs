using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>A LoRA adapter of a model, from a GGUF file. It keeps the model loaded.</summary>
public sealed class LoadedAdapter : IDisposable
{
    /// <summary>Loads an adapter, after the checks of <see cref="AdapterFile.Open"/>.</summary>
    /// <param name="model">The model that it was trained on.</param>
    /// <param name="path">The GGUF file (<c>general.type = adapter</c>).</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="GgufException">It is damaged, or no adapter.</exception>
    /// <exception cref="LlamaException">It is of another model; llama.cpp's log says which.</exception>
    public LoadedAdapter(LlamaModel model, string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no adapter file {path}.", path);
        AdapterFile.Open(path);
        nint adapter;
        lock (model.Handle.Adapters)
            adapter = LlamaNative.llama_adapter_lora_init(model.Handle, path);
        if (adapter == 0)
            throw new LlamaException($"llama.cpp cannot use {path} with {model.Path}: it is damaged, no LoRA adapter, or of another model.");
        Handle = new AdapterHandle(adapter, model.Handle);
        Path = path;
    }

    /// <summary>The file it was loaded from.</summary>
    public string Path { get; }

    internal AdapterHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
