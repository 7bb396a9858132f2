using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Pretraining.Tokenizer;

namespace FineTuneChat.Training.Pretraining;

/// <summary>The new model as a GGUF file.</summary>
internal static class PretrainedFile
{
    private const string Architecture = "llama";
    private const uint MostlyF16 = 1;

    /// <summary>ChatML: role and content between control tokens.</summary>
    public const string ChatTemplate =
        "{%- for message in messages -%}"
        + "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
        + "{%- endfor -%}"
        + "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";

    /// <summary>Writes tokens and template only: enough for llama.cpp's tokeniser.</summary>
    public static void WriteVocabulary(string path, Recipe recipe, BpeVocabulary vocabulary)
    {
        var writer = new GgufWriter();
        Describe(writer.Metadata, recipe, vocabulary);
        writer.Save(path);
    }

    /// <summary>Writes the whole model: matrices in F16, norms in F32.</summary>
    public static void Write(string path, Recipe recipe, BpeVocabulary vocabulary, ParameterSet parameters)
    {
        var writer = new GgufWriter();
        Describe(writer.Metadata, recipe, vocabulary);
        foreach (Parameter parameter in parameters.All)
        {
            long[] shape = parameter.Value.Size(1) > 1 ? [parameter.Value.Size(0), parameter.Value.Size(1)] : [parameter.Value.Size(0)];
            if (shape.Length == 1)
                writer.Add(parameter.Name, GgmlType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(parameter.Value.AsSpan<float>())));
            else
                writer.Add(parameter.Name, GgmlType.F16, shape, stream => WriteHalves(parameter.Value.AsSpan<float>(), stream));
        }

        writer.Save(path);
    }

    private static void Describe(GgufMetadata metadata, Recipe recipe, BpeVocabulary vocabulary)
    {
        ModelRecipe model = recipe.Model;
        metadata.Set("general.architecture", Architecture);
        metadata.Set("general.type", "model");
        metadata.Set("general.name", recipe.Name);
        if (recipe.License is { } license)
            metadata.Set("general.license", license);
        metadata.Set("general.file_type", MostlyF16);
        metadata.Set("llama.context_length", (uint)model.Context);
        metadata.Set("llama.embedding_length", (uint)model.Width);
        metadata.Set("llama.block_count", (uint)model.Layers);
        metadata.Set("llama.feed_forward_length", (uint)model.FeedForward);
        metadata.Set("llama.attention.head_count", (uint)model.Heads);
        metadata.Set("llama.attention.head_count_kv", (uint)model.KvHeads);
        metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.Set("llama.rope.dimension_count", (uint)model.HeadWidth);
        metadata.Set("llama.rope.freq_base", (float)model.RopeBase);
        metadata.Set("llama.vocab_size", (uint)vocabulary.Size);
        GgufVocabulary.Describe(metadata, vocabulary);
        metadata.Set("tokenizer.chat_template", ChatTemplate);
    }

    private static void WriteHalves(ReadOnlySpan<float> values, Stream stream)
    {
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        stream.Write(MemoryMarshal.AsBytes<Half>(halves));
    }
}
