using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>
/// Training composed of ggml's operations, as a GPU computes it, on ggml's CPU backend: the same losses and gradients as by this project's kernels.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DeviceTests(ArchitectureFiles files) : IClassFixture<ArchitectureFiles>, IDisposable
{
    // ggml rounds activations to the type it multiplies with (to 8 bits for a quantised one, which these random models feel), and transposes of all but
    // F32 weights are BF16. A wrong gradient is off by 1.
    private static readonly Dictionary<ModelFileType, double> Tolerance = new()
    {
        [ModelFileType.F32] = 1e-4,
        [ModelFileType.F16] = 1e-2,
        [ModelFileType.BF16] = 3e-2,
        [ModelFileType.Q8_0] = 0.12,
        [ModelFileType.Q4_K_M] = 0.12,
    };

    private const double RoundedProducts = 5e-3; // a GPU may multiply floats with fewer bits

    private static readonly int[][] Sequences = [[10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 3, 7, 9], [60, 70, 80, 257, 5, 6, 7, 8, 100]];

    private readonly CpuBackend _processor = new(1);
    private readonly DeviceBackend _device = new DeviceBackend(ComputeDevice.Processor, 1);

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

    public void Dispose()
    {
        _device.Dispose();
        _processor.Dispose();
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Loss_and_gradients_are_those_of_the_kernels(string name, ModelFileType type)
    {
        AssertSame(files[name, type], _device, Tolerance[type]);
    }

    [GpuTheory]
    [MemberData(nameof(Table))]
    public void Loss_and_gradients_of_a_gpu_are_those_of_the_kernels(string name, ModelFileType type)
    {
        using var gpu = new DeviceBackend(TrainingDevice.Find(TrainingDevice.Automatic)!);
        AssertSame(files[name, type], gpu, Math.Max(Tolerance[type], RoundedProducts));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_adapter_has_the_gradient_of_the_loss(string name)
    {
        using MappedModel model = MappedModel.Open(files[name, ModelFileType.F32]);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        using DecoderWeights weights = DecoderWeights.Frozen(model, adapter).On(_device);
        using TrainingGraph graph = New(_device, model, weights, GraphPurpose.Train);
        LossGradientCheck.Assert(adapter.Parameters, graph, LossGradientCheck.Batch(Sequences), together: true, weights);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_whole_weight_has_the_gradient_of_the_kernels(string name) =>
        AssertSameOfWholeWeights(files[name, ModelFileType.F32], _device, Tolerance[ModelFileType.F32]);

    [GpuTheory]
    [MemberData(nameof(Cases))]
    public void Every_whole_weight_has_the_gradient_of_the_kernels_on_a_gpu(string name)
    {
        using var gpu = new DeviceBackend(TrainingDevice.Find(TrainingDevice.Automatic)!);
        AssertSameOfWholeWeights(files[name, ModelFileType.F32], gpu, RoundedProducts);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Checkpointing_changes_no_bit_and_packing_no_loss(string name)
    {
        using MappedModel model = MappedModel.Open(files[name, ModelFileType.F32]);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        var (loss, gradients) = LossAndGradients(_device, model, adapter, GraphPurpose.Train);
        var (checkpointedLoss, checkpointed) = LossAndGradients(_device, model, adapter, GraphPurpose.TrainCheckpointed);
        Assert.Equal(loss, checkpointedLoss);
        Assert.Equal(gradients, checkpointed);

        using DecoderWeights weights = DecoderWeights.Frozen(model, adapter).On(_device);
        using TrainingGraph graph = New(_device, model, weights, GraphPurpose.Evaluate);
        weights.Send();
        double alone = Sequences.Sum(sequence => graph.Run(LossGradientCheck.Batch([sequence])).Loss);
        Assert.Equal(1, graph.Run(LossGradientCheck.Batch(Sequences)).Loss / alone, 1e-5);
    }

    [Fact]
    public void Dropout_leaves_out_the_same_inputs()
    {
        using MappedModel model = MappedModel.Open(files["llama", ModelFileType.F32]);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        var (loss, gradients) = LossAndGradients(_processor, model, adapter, GraphPurpose.Train, dropout: 0.4f);
        var (deviceLoss, deviceGradients) = LossAndGradients(_device, model, adapter, GraphPurpose.Train, dropout: 0.4f);
        Assert.Equal(1, deviceLoss.Loss / loss.Loss, 1e-5);
        Assert.InRange(ModelComparison.RelativeL2(deviceGradients, gradients), 0, 1e-4);
    }

    private void AssertSame(string path, DeviceBackend device, double tolerance)
    {
        using MappedModel model = MappedModel.Open(path);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.15f);
        var (loss, gradients) = LossAndGradients(_processor, model, adapter, GraphPurpose.Train);
        var (deviceLoss, deviceGradients) = LossAndGradients(device, model, adapter, GraphPurpose.Train);
        Assert.InRange(deviceLoss.Loss / loss.Loss, 1 - tolerance, 1 + tolerance);
        Assert.InRange(ModelComparison.RelativeL2(deviceGradients, gradients), 0, tolerance);
        Assert.Equal(loss.Predictions, deviceLoss.Predictions);
    }

    private void AssertSameOfWholeWeights(string path, DeviceBackend device, double tolerance)
    {
        using MappedModel model = MappedModel.Open(path);
        using var parameters = new ParameterSet([.. model.File.Tensors.Select(t => (t.Name, t.Shape.ToArray(), t.Shape.Count > 1))]);
        foreach (Parameter parameter in parameters.All)
            model[parameter.Name].AsSpan<float>().CopyTo(parameter.Value.AsSpan<float>());
        float[] expected = Gradients(_processor), actual = Gradients(device);
        Assert.InRange(ModelComparison.RelativeL2(actual, expected), 0, tolerance);

        float[] Gradients(Backend backend)
        {
            using DecoderWeights weights = DecoderWeights.Trained(parameters).On(backend);
            using TrainingGraph graph = New(backend, model, weights, GraphPurpose.Train);
            return Run(graph, weights, parameters).Gradients;
        }
    }

    private static (MicroBatchResult Loss, float[] Gradients) LossAndGradients(
        Backend backend, MappedModel model, LoraAdapter adapter, GraphPurpose purpose, float dropout = 0)
    {
        using DecoderWeights weights = DecoderWeights.Frozen(model, adapter).On(backend);
        using TrainingGraph graph = New(backend, model, weights, purpose, dropout);
        return Run(graph, weights, adapter.Parameters);
    }

    private static (MicroBatchResult Loss, float[] Gradients) Run(TrainingGraph graph, DecoderWeights weights, ParameterSet parameters)
    {
        parameters.ClearGradients();
        weights.Send();
        MicroBatchResult loss = graph.Run(LossGradientCheck.Batch(Sequences), dropoutSeed: 5);
        weights.Fetch();
        return (loss, [.. parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())]);
    }

    private static TrainingGraph New(Backend backend, MappedModel model, DecoderWeights weights, GraphPurpose purpose, float dropout = 0) =>
        new(backend, DecoderShape.FromGguf(model.File), weights, tokens: 32, predictions: 32, purpose, dropout);
}
