using System.Runtime.InteropServices;
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
    /// <param name="importance">For each matrix how much each of its inputs counts; null, or missing for a matrix: all the same.</param>
    /// <param name="allowQuantizedSource">Whether matrices of the source may be quantised already.</param>
    /// <exception cref="FileNotFoundException">There is no source.</exception>
    /// <exception cref="ArgumentException">An importance is negative or no number.</exception>
    /// <exception cref="LlamaException">
    /// llama.cpp refused or could not write (disk full, already quantised); its log says why. The target may be incomplete.
    /// </exception>
    public static void Quantize(
        string source, string target, ModelFileType type, int threads, IReadOnlyDictionary<string, float[]>? importance = null,
        bool allowQuantizedSource = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!File.Exists(source))
            throw new FileNotFoundException($"There is no model file {source}.", source);
        if (importance?.FirstOrDefault(i => i.Value.Any(v => !(v >= 0 && float.IsFinite(v)))) is { Key: { } bad })
            throw new ArgumentException($"The importances of '{bad}' are not all finite numbers of at least 0.", nameof(importance));
        llama_model_quantize_params parameters = LlamaNative.llama_model_quantize_default_params();
        parameters.ftype = (int)type;
        parameters.nthread = threads;
        parameters.allow_requantize = allowQuantizedSource ? (byte)1 : (byte)0;
        llama_model_imatrix_data* matrix = importance is null ? null : Copy(importance);
        parameters.imatrix = (nint)matrix;
        try
        {
            if (LlamaNative.llama_model_quantize(source, target, &parameters) != 0)
                throw new LlamaException($"llama.cpp could not write {source} as {type} to {target}; its log says why.");
        }
        finally
        {
            Free(matrix);
        }
    }

    private static llama_model_imatrix_data* Copy(IReadOnlyDictionary<string, float[]> importance)
    {
        var matrix = (llama_model_imatrix_data*)NativeMemory.AllocZeroed((nuint)importance.Count + 1, (nuint)sizeof(llama_model_imatrix_data));
        llama_model_imatrix_data* next = matrix;
        foreach (var (name, values) in importance)
        {
            *next = new llama_model_imatrix_data
            {
                name = (byte*)Marshal.StringToCoTaskMemUTF8(name),
                data = (float*)NativeMemory.Alloc((nuint)values.Length, sizeof(float)),
                size = (nuint)values.Length,
            };
            values.CopyTo(new Span<float>(next->data, values.Length));
            next++;
        }

        return matrix; // the entry of zeros is its end
    }

    private static void Free(llama_model_imatrix_data* matrix)
    {
        for (llama_model_imatrix_data* entry = matrix; entry != null && entry->name != null; entry++)
        {
            Marshal.FreeCoTaskMem((nint)entry->name);
            NativeMemory.Free(entry->data);
        }

        NativeMemory.Free(matrix);
    }
}
