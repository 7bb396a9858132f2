using System.Text.Json;
using System.Text.RegularExpressions;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion.Origin;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>
/// Adapters as Hugging Face's PEFT keeps them: a folder with <c>adapter_model.safetensors</c> and <c>adapter_config.json</c>. The matrices are those of
/// the GGUF adapter under other names; only rows of B lie otherwise where the conversion of the base has moved them (<see cref="PeftModule"/>).
/// </summary>
public static partial class PeftAdapter
{
    private const string WeightsName = "adapter_model.safetensors";
    internal const string ConfigName = "adapter_config.json";
    private const string Prefix = "base_model.model.";

    /// <summary>Writes both files.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="adapter">The matrices.</param>
    /// <param name="model">The base model's header.</param>
    public static void Save(string folder, LoraAdapter adapter, GgufFile model)
    {
        DecoderShape shape = DecoderShape.FromGguf(model);
        var matrices = new List<(string, SafeMatrix)>();
        var targets = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string weight in adapter.Weights)
        {
            LoraPair pair = adapter.Find(weight)!;
            float[] a = pair.A.Value.AsSpan<float>().ToArray(); // [in, r]: PEFT's [r][in]
            foreach (PeftModule module in PeftModule.Of(weight, shape))
            {
                matrices.Add(($"{Prefix}{module.Path}.lora_A.weight", new SafeMatrix(adapter.Rank, a.Length / adapter.Rank, a)));
                matrices.Add(($"{Prefix}{module.Path}.lora_B.weight", new SafeMatrix((int)module.Rows, adapter.Rank, RowsOf(pair.B, module, adapter.Rank))));
                targets.Add(module.Path[(module.Path.LastIndexOf('.') + 1)..]);
            }
        }

        if (adapter.Rows is { } rows)
            matrices.Add(($"{Prefix}{PeftRows.ModuleOf(rows.Weight)}{PeftRows.Suffix}", PeftRows.Written(rows, model)));
        PeftWeights.Write(Path.Combine(folder, WeightsName), matrices);
        new PeftConfig
        {
            BaseModelNameOrPath =
                model.Metadata.Text(ModelSource.RepositoryKey) ?? model.Metadata.Text("general.name") ?? Path.GetFileNameWithoutExtension(model.Path),
            Revision = model.Metadata.Text(ModelSource.RevisionKey),
            R = adapter.Rank,
            LoraAlpha = adapter.Alpha,
            TargetModules = JsonSerializer.SerializeToElement(targets),
            TrainableTokenIndices = adapter.Rows is { } trained ? PeftRows.Indices(trained) : null,
        }.Save(Path.Combine(folder, ConfigName));
    }

    /// <summary>Reads an adapter and checks that it fits a base model.</summary>
    /// <param name="folder">Where the two files are.</param>
    /// <param name="model">The base model's header.</param>
    /// <exception cref="InvalidDataException">A file is corrupt, or the adapter is for another model or of another kind.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static LoraAdapter Load(string folder, GgufFile model)
    {
        PeftConfig config = PeftConfig.Load(Path.Combine(folder, ConfigName));
        string path = Path.Combine(folder, WeightsName);
        var matrices = PeftWeights.Read(path).ToDictionary(m => Name(path, m.Key), m => m.Value, StringComparer.Ordinal);
        DecoderShape shape = DecoderShape.FromGguf(model);

        // 1. Which weights the matrices belong to.
        var modules = new Dictionary<string, PeftModule[]>(StringComparer.Ordinal);
        foreach (GgufTensorInfo tensor in LoraAdapter.Linears(model, LoraAdapter.AllLinears))
        {
            PeftModule[] present = [.. PeftModule.Of(tensor.Name, shape).Where(m => matrices.ContainsKey($"{m.Path}.lora_A"))];
            if (present.Length > 0)
                modules[tensor.Name] = present;
        }

        LoraAdapter.RowPlan? rows = PeftRows.Plan(path, config, matrices.Keys, model);
        string[] known =
        [
            .. modules.Values.SelectMany(m => m).SelectMany(m => (string[])[$"{m.Path}.lora_A", $"{m.Path}.lora_B"]),
            .. rows is null ? [] : new[] { PeftRows.NameOf(rows.Weight) },
        ];
        if (known.Except(matrices.Keys).FirstOrDefault() is { } missing)
            throw Bad(path, $"it lacks '{missing}'");
        if (matrices.Keys.Except(known).FirstOrDefault() is { } unknown)
            throw Bad(path, $"it adapts '{unknown}', which has no place in {model.Path}");
        if (modules.Count == 0)
            throw Bad(path, "it adapts no layer");

        // 2. Their places there.
        LoraAdapter adapter = LoraAdapter.Allocate(
            model.Architecture!, config.R, config.EffectiveAlpha, [.. modules.Keys.Select(w => (w, model.Find(w)!.Dimension(0), model.Find(w)!.Dimension(1)))],
            rows);
        if (adapter.Rows is { } trained && !PeftRows.Read(trained, matrices[PeftRows.NameOf(trained.Weight)], model))
            throw Bad(path, $"the rows of its trained tokens do not fit {model.Path}");
        foreach (var (weight, parts) in modules)
        {
            LoraPair pair = adapter.Find(weight)!;
            Span<float> a = pair.A.Value.AsSpan<float>(), b = pair.B.Value.AsSpan<float>();
            foreach (PeftModule part in parts)
            {
                SafeMatrix ownA = matrices[$"{part.Path}.lora_A"], ownB = matrices[$"{part.Path}.lora_B"];
                if (ownA.Rows != config.R || ownA.Values.Length != a.Length || ownB.Rows != part.Rows || ownB.Columns != config.R)
                    throw Bad(
                        path,
                        $"the matrices of '{part.Path}' ([{ownA.Rows}, {ownA.Columns}] and [{ownB.Rows}, {ownB.Columns}]) do not fit '{weight}' "
                        + $"at rank {config.R}");
                if (part != parts[0] && !a.SequenceEqual(ownA.Values))
                    throw Bad(path, $"'{weight}' is one matrix in {model.Path}, but the adapter has a matrix A of its own for '{part.Path}'");
                ownA.Values.CopyTo(a);
                for (int row = 0; row < part.Rows; row++)
                    ownB.Values.AsSpan(row * config.R, config.R).CopyTo(b[(int)(part.RowInWeight(row) * config.R)..]);
            }
        }

        return adapter;
    }

    private static float[] RowsOf(Parameter matrix, PeftModule module, int rank)
    {
        ReadOnlySpan<float> all = matrix.Value.AsSpan<float>();
        var rows = new float[module.Rows * rank];
        for (int row = 0; row < module.Rows; row++)
            all.Slice((int)module.RowInWeight(row) * rank, rank).CopyTo(rows.AsSpan(row * rank));
        return rows;
    }

    /// <summary><c>model.layers.N.….lora_A</c>, whatever wraps the model.</summary>
    private static string Name(string path, string name) =>
        ModuleName().Match(name) is { Success: true } match ? $"model.{match.Groups["module"].Value}.lora_{match.Groups["matrix"].Value}"
        : PeftRows.NameIn(name) ?? throw Bad(path, $"'{name}' is no LoRA matrix of a linear layer");

    private static InvalidDataException Bad(string path, string why) => new($"{path} cannot be used: {why}.");

    [GeneratedRegex(@"\.(?<module>layers\.\d+\.(self_attn|mlp)\.\w+)\.lora_(?<matrix>[AB])(\.default)?\.weight$", RegexOptions.ExplicitCapture)]
    private static partial Regex ModuleName();
}
