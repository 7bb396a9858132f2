using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>Writes a model file in another type, as llama.cpp's quantise tool does.</summary>
public static unsafe class ModelQuantizer
{
    /// <summary>Reads a model and writes it with its matrices in the given type. Start from F32, F16 or BF16: a quantised source loses more.</summary>
    /// <param name="source">A GGUF file.</param>
    /// <param name="target">The file to write; an existing one is replaced.</param>
    /// <param name="type">What the matrices become.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="FileNotFoundException">There is no source.</exception>
    /// <exception cref="LlamaException">llama.cpp refused or could not write (disk full, already quantised); its log says why. The target may be incomplete.</exception>
    public static void Quantize(string source, string target, ModelFileType type, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!File.Exists(source))
            throw new FileNotFoundException($"There is no model file {source}.", source);
        llama_model_quantize_params parameters = LlamaNative.llama_model_quantize_default_params();
        parameters.ftype = (int)type;
        parameters.nthread = threads;
        if (LlamaNative.llama_model_quantize(source, target, &parameters) != 0)
            throw new LlamaException($"llama.cpp could not write {source} as {type} to {target}; its log says why.");
    }
}
