using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using LoraAdapter = FineTuneChat.Training.Lora.LoraAdapter;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>The table of docs/training-architectures.md: every architecture on every type of base file is the model that llama.cpp serves.</summary>
public sealed class ArchitectureTests(ArchitectureFiles files) : IClassFixture<ArchitectureFiles>, IDisposable
{
    // The graph keeps activations in F32, llama.cpp rounds them to the type it multiplies with: the difference is that rounding.
    private static readonly Dictionary<ModelFileType, double> Tolerance = new()
    {
        [ModelFileType.F32] = 1e-4,
        [ModelFileType.F16] = 2e-3,
        [ModelFileType.BF16] = 2e-2,
        [ModelFileType.Q8_0] = 4e-2,
        [ModelFileType.Q4_0] = 4e-2,
        [ModelFileType.Q4_1] = 4e-2,
        [ModelFileType.Q5_0] = 4e-2,
        [ModelFileType.Q5_1] = 4e-2,
        [ModelFileType.Q2_K] = 4e-2,
        [ModelFileType.Q3_K_M] = 4e-2,
        [ModelFileType.Q4_K_M] = 4e-2,
        [ModelFileType.Q5_K_M] = 4e-2,
        [ModelFileType.Q6_K] = 4e-2,
    };

    // Longer than the windows.
    private static readonly int[][] Sequences = [[10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 3, 7, 9], [60, 70, 80, 257, 5, 6, 7, 8, 100]];

    private readonly CpuBackend _backend = new(1);

    public static TheoryData<string, ModelFileType> Table()
    {
        var table = new TheoryData<string, ModelFileType>();
        foreach (string name in ArchitectureCases.All.Keys)
        {
            foreach (ModelFileType type in Tolerance.Keys.Where(type => type == ModelFileType.F32 || DecoderShape.Supported.Contains(name)))
                table.Add(name, type);
        }

        return table;
    }

    public static TheoryData<string> Cases() => [.. ArchitectureCases.All.Keys];

    public void Dispose() => _backend.Dispose();

    [Theory]
    [MemberData(nameof(Table))]
    public void A_trained_model_is_the_one_that_llama_cpp_serves(string name, ModelFileType type)
    {
        double tolerance = Tolerance[type];
        string path = files[name, type];
        using MappedModel model = MappedModel.Open(path);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        var failures = new List<string>();

        // 1. Logits of the base, 2. of base and adapter file.
        AtMost(tolerance, "logits", ModelComparison.OfGraph(_backend, model), ModelComparison.OfLlama(path));
        string adapterPath = files.Temporary("adapter.gguf");
        LoraFile.Save(adapterPath, adapter, "test");
        float[] trained = ModelComparison.OfGraph(_backend, model, adapter);
        AtMost(tolerance, "adapter", trained, ModelComparison.OfLlama(path, adapterPath));
        Assert.True(ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(path)) > 3 * tolerance, "the adapter changes too little: the comparison proves nothing");

        // 3. The merged file: the same logits but for the rounding of the merged matrices, and what llama.cpp makes of them.
        string mergedPath = files.Temporary("merged.gguf");
        ModelMerge.Write(model, adapter, mergedPath, new Dictionary<string, object?>(), _backend);
        using (MappedModel merged = MappedModel.Open(mergedPath))
            AtMost(type == ModelFileType.F32 ? 1e-4 : type == ModelFileType.BF16 ? 2e-2 : 2e-3, "merge", ModelComparison.OfGraph(_backend, merged), trained);
        AtMost(tolerance, "merged file served", trained, ModelComparison.OfLlama(mergedPath));

        // 4. The gradient of the adapter: for an exact base of every matrix, for the others of all together.
        using TrainingGraph graph = New(model, adapter, GraphPurpose.Train);
        LossGradientCheck.Assert(adapter.Parameters, graph, LossGradientCheck.Batch(Sequences), together: type != ModelFileType.F32);
        Assert.True(failures.Count == 0, string.Join("; ", failures));

        void AtMost(double limit, string what, float[] actual, float[] expected)
        {
            double error = ModelComparison.RelativeL2(actual, expected);
            if (!(error <= limit))
                failures.Add($"{what}: {error:E1} instead of at most {limit:E1}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_weight_has_the_gradient_of_the_loss(string name)
    {
        using MappedModel model = MappedModel.Open(files[name, ModelFileType.F32]);
        using var parameters = new ParameterSet([.. model.File.Tensors.Select(t => (t.Name, t.Shape.ToArray(), t.Shape.Count > 1))]);
        foreach (Parameter parameter in parameters.All)
            model[parameter.Name].AsSpan<float>().CopyTo(parameter.Value.AsSpan<float>());
        using var graph = new TrainingGraph(_backend, DecoderShape.FromGguf(model.File), DecoderWeights.Trained(parameters), 32, 32, GraphPurpose.Train);
        LossGradientCheck.Assert(parameters, graph, LossGradientCheck.Batch(Sequences));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Checkpointing_changes_no_bit_and_packing_no_loss(string name)
    {
        using MappedModel model = MappedModel.Open(files[name, ModelFileType.F32]);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        Assert.Equal(LossAndGradients(model, adapter, GraphPurpose.Train), LossAndGradients(model, adapter, GraphPurpose.TrainCheckpointed));

        using TrainingGraph graph = New(model, adapter, GraphPurpose.Evaluate);
        double alone = Sequences.Sum(sequence => graph.Run(LossGradientCheck.Batch([sequence])).Loss);
        Assert.Equal(1, graph.Run(LossGradientCheck.Batch(Sequences)).Loss / alone, 1e-5);
    }

    private TrainingGraph New(MappedModel model, LoraAdapter adapter, GraphPurpose purpose) =>
        new(_backend, DecoderShape.FromGguf(model.File), DecoderWeights.Frozen(model, adapter), tokens: 32, predictions: 32, purpose);

    private float[] LossAndGradients(MappedModel model, LoraAdapter adapter, GraphPurpose purpose)
    {
        using TrainingGraph graph = New(model, adapter, purpose);
        adapter.Parameters.ClearGradients();
        double loss = graph.Run(LossGradientCheck.Batch(Sequences)).Loss;
        return [(float)loss, .. adapter.Parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())];
    }
}
