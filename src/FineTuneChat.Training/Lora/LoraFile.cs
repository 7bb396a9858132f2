using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora.Peft;

namespace FineTuneChat.Training.Lora;

/// <summary>
/// Adapters as files. The GGUF files are as llama.cpp reads them: <c>NAME.lora_a</c> [in, r] and <c>NAME.lora_b</c> [r, out]. One with rows of the head, which
/// llama.cpp has no place for, has them as <c>NAME.rows</c> [width, tokens], and their tokens in the metadata: it is used by merging.
/// </summary>
public static class LoraFile
{
    private const string TokensOfRows = "adapter.rows.tokens";

    /// <summary>Writes an adapter.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="adapter">The matrices.</param>
    /// <param name="name">For people, e.g. "assistant@3".</param>
    public static void Save(string path, LoraAdapter adapter, string name)
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "adapter");
        writer.Metadata.Set("general.architecture", adapter.Architecture);
        writer.Metadata.Set("general.name", name);
        writer.Metadata.Set("adapter.type", "lora");
        writer.Metadata.Set("adapter.lora.alpha", adapter.Alpha);
        if (adapter.Rows is { } rows)
            writer.Metadata.Set(TokensOfRows, rows.Tokens.ToArray());
        foreach (Parameter parameter in adapter.Parameters.All)
        {
            writer.Add(
                parameter.Name, GgmlType.F32, [parameter.Value.Size(0), parameter.Value.Size(1)],
                stream => stream.Write(MemoryMarshal.AsBytes(parameter.Value.AsSpan<float>())));
        }

        writer.Save(path);
    }

    /// <summary>Reads an adapter and checks that it fits a base model.</summary>
    /// <param name="path">The adapter's GGUF file, or a folder with PEFT's two files.</param>
    /// <param name="model">The base model's header.</param>
    /// <exception cref="GgufException">It is corrupt, no LoRA adapter, or made for another model.</exception>
    /// <exception cref="InvalidDataException">The same, of PEFT's files.</exception>
    public static LoraAdapter Load(string path, GgufFile model)
    {
        if (Directory.Exists(path))
            return PeftAdapter.Load(path, model);
        using MappedModel file = MappedModel.Open(path);
        GgufMetadata metadata = file.File.Metadata;
        if (metadata.Text("adapter.type") != "lora")
            throw new GgufException(path, 0, "it is no LoRA adapter (adapter.type is not 'lora')");
        if (file.File.Architecture != model.Architecture)
            throw new GgufException(path, 0, $"it was made for architecture '{file.File.Architecture}', but {model.Path} is '{model.Architecture}'");

        string[] weights = [.. file.File.Tensors.Where(t => t.Name.EndsWith(".lora_a", StringComparison.Ordinal)).Select(t => t.Name[..^".lora_a".Length])];
        LoraAdapter.RowPlan? rows = Rows(file.File, model);
        if (weights.Length == 0 || (2 * weights.Length) + (rows is null ? 0 : 1) != file.File.Tensors.Count)
            throw new GgufException(path, 0, "its tensors are not pairs of lora_a and lora_b");
        long rank = file[weights[0] + ".lora_a"].Size(1);
        var shapes = new List<(string, long, long)>();
        foreach (string weight in weights)
        {
            GgufTensorInfo target = model.Find(weight) ?? throw new GgufException(path, 0, $"it adapts '{weight}', which {model.Path} does not have");
            Tensor a = file[weight + ".lora_a"], b = file[weight + ".lora_b"];
            if (a.Size(0) != target.Dimension(0) || b.Size(1) != target.Dimension(1) || a.Size(1) != rank || b.Size(0) != rank)
                throw new GgufException(path, 0, $"the matrices for '{weight}' ({a}, {b}) do not fit [{string.Join(", ", target.Shape)}]");
            shapes.Add((weight, target.Dimension(0), target.Dimension(1)));
        }

        float alpha = metadata.Number("adapter.lora.alpha") is { } given and > 0 ? (float)given : rank; // llama.cpp's scale for 0 is 1
        LoraAdapter adapter = LoraAdapter.Allocate(model.Architecture!, (int)rank, alpha, shapes, rows);
        foreach (Parameter parameter in adapter.Parameters.All)
            file[parameter.Name].ToFloats().CopyTo(parameter.Value.AsSpan<float>());
        return adapter;
    }

    /// <summary>The rows of the head that an adapter's file has; null: none.</summary>
    private static LoraAdapter.RowPlan? Rows(GgufFile file, GgufFile model)
    {
        if (file.Metadata.Array<int>(TokensOfRows) is not { } tokens)
            return null;
        LoraAdapter.RowPlan rows = LoraAdapter.RowPlan.Of(model, tokens);
        bool isSound = tokens.Length > 0 && tokens.Zip(tokens.Skip(1)).All(pair => pair.First < pair.Second) && tokens[0] >= 0 && tokens[^1] < rows.Vocabulary
            && file.Find(rows.Parameter) is { } tensor && tensor.Dimension(0) == rows.Width && tensor.Dimension(1) == tokens.Length;
        return isSound ? rows : throw new GgufException(file.Path, 0, $"its rows of single tokens ({TokensOfRows}) do not fit {model.Path}");
    }
}
