using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>The table of docs/training-architectures.md: every architecture on every type of base file is the model that llama.cpp serves.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ArchitectureTests(ArchitectureFiles files) : IClassFixture<ArchitectureFiles>, IDisposable
{
    internal static readonly ModelFileType[] Types =
    [
        ModelFileType.F32, ModelFileType.F16, ModelFileType.BF16, ModelFileType.Q8_0, ModelFileType.Q6_K, ModelFileType.Q5_K_M, ModelFileType.Q4_K_M,
        ModelFileType.Q3_K_M,
        ModelFileType.Q2_K, ModelFileType.Q5_1, ModelFileType.Q5_0, ModelFileType.Q4_1, ModelFileType.Q4_0,
    ];

    // Longer than the windows.
    private static readonly int[][] Sequences = [[10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 3, 7, 9], [60, 70, 80, 257, 5, 6, 7, 8, 100]];

    private readonly CpuBackend _backend = new(1);

    /// <summary><c>FTC_SCALE=10</c>: everything on everything. Otherwise F32 on everything, and each other type on one architecture.</summary>
    public static TheoryData<string, ModelFileType> Table()
    {
        var table = new TheoryData<string, ModelFileType>();
        foreach (string name in ArchitectureCases.All.Keys)
        {
            int architecture = DecoderShape.Supported.ToList().IndexOf(name);
            foreach (var (i, type) in Types.Index())
            {
                if (Scale.Factor >= 10 || type == ModelFileType.F32 || architecture == i % DecoderShape.Supported.Count)
                    table.Add(name, type);
            }
        }

        return table;
    }

    public static TheoryData<string> Cases() => [.. ArchitectureCases.All.Keys];

    public void Dispose() => _backend.Dispose();

    /// <summary>
    /// The graph keeps activations in F32; llama.cpp rounds them to what it multiplies with: F16, BF16, blocks of 8 bits. So the graph is compared with
    /// llama.cpp twice: on the same weights in F32, where nothing is rounded, within 1e-4; and on the file that serves, where it may be as far away as
    /// llama.cpp is from itself.
    /// </summary>
    [Theory]
    [MemberData(nameof(Table))]
    public void A_trained_model_is_the_one_that_llama_cpp_serves(string name, ModelFileType type)
    {
        string path = files[name, type], adapterPath = files.Temporary("adapter.gguf"), mergedPath = files.Temporary("merged.gguf");
        using MappedModel model = MappedModel.Open(path);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        var failures = new List<string>();

        // 1. Logits of the base, 2. of base and adapter file, 3. of the merged file, whose own rounding comes on top.
        LoraFile.Save(adapterPath, adapter, "test");
        ModelMerge.Write(model, adapter, mergedPath, new Dictionary<string, object?>(), _backend);
        float[] trained = ModelComparison.OfGraph(_backend, model, adapter);
        var figures = new ArchitectureFigures
        {
            Logits = Compare("logits", ModelComparison.OfGraph(_backend, model), path),
            Adapter = Compare("adapter", trained, path, adapterPath),
            Merge = Compare("merge", trained, mergedPath, mergedRounding: type switch { ModelFileType.F32 => 0, ModelFileType.BF16 => 2e-2, _ => 2e-3 }),
        };
        double change = ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(path));
        Assert.True(change > 3 * figures.Adapter.Served, $"the adapter changes too little ({change:E1}): the comparison proves nothing");

        // 4. The gradient of the adapter: for an exact base of every matrix, for the others of all together.
        using TrainingGraph graph = New(model, adapter, GraphPurpose.Train);
        MicroBatch batch = LossGradientCheck.Batch(Sequences);
        figures = figures with { Gradient = LossGradientCheck.Assert(adapter.Parameters, graph, batch, together: type != ModelFileType.F32) };
        files.Table.Add(name, type, figures);
        Assert.True(failures.Count == 0, string.Join("; ", failures));

        Distance Compare(string what, float[] graphs, string file, string? adapter = null, double mergedRounding = 0)
        {
            float[] served = ModelComparison.OfLlama(file, adapter), exact = ModelComparison.OfLlama(files.Unpacked(file), adapter);
            var distance = new Distance(ModelComparison.RelativeL2(graphs, exact), ModelComparison.RelativeL2(graphs, served));
            AtMost(1e-4 + mergedRounding, $"{what}, the same weights in F32", distance.Exact);
            AtMost(1e-4 + mergedRounding + (1.2 * ModelComparison.RelativeL2(served, exact)), $"{what}, served", distance.Served);
            return distance;
        }

        void AtMost(double limit, string what, double error)
        {
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
