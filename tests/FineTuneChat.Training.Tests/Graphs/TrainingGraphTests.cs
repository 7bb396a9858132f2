using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

public sealed class TrainingGraphTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend;
    private readonly MappedModel _model;

    public TrainingGraphTests()
    {
        NativeLibraries.Load();
        _backend = new CpuBackend(2);
        _model = MappedModel.Open(RandomModel.Write(_folder["model.gguf"]));
    }

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_adapter_matrix_has_the_gradient_of_the_loss()
    {
        using LoraAdapter adapter = Adapter();
        using TrainingGraph graph = New(DecoderWeights.Frozen(_model, adapter), GraphPurpose.Train);
        AssertGradients(adapter.Parameters, graph);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_whole_weight_has_the_gradient_of_the_loss(bool tied)
    {
        using MappedModel model = MappedModel.Open(RandomModel.Write(_folder["whole.gguf"], new RandomModelShape(Tied: tied)));
        using var parameters = new ParameterSet([.. model.File.Tensors.Select(t => (t.Name, t.Shape.ToArray(), t.Shape.Count > 1))]);
        foreach (Parameter parameter in parameters.All)
            model[parameter.Name].AsSpan<float>().CopyTo(parameter.Value.AsSpan<float>());
        using var graph = new TrainingGraph(_backend, DecoderShape.FromGguf(model.File), DecoderWeights.Trained(parameters), 32, 16, GraphPurpose.Train);
        AssertGradients(parameters, graph);
    }

    [Fact]
    public void Checkpointing_changes_no_bit_of_loss_and_gradients()
    {
        using LoraAdapter adapter = Adapter();
        var (loss, gradients) = LossAndGradients(adapter, GraphPurpose.Train);
        var (checkpointedLoss, checkpointedGradients) = LossAndGradients(adapter, GraphPurpose.TrainCheckpointed);
        Assert.Equal(loss, checkpointedLoss);
        Assert.Equal(gradients, checkpointedGradients);
    }

    [Fact]
    public void Packed_sequences_give_the_losses_they_give_alone()
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_model), GraphPurpose.Evaluate);
        MicroBatch packed = Batch([[10, 20, 30, 40, 50], [60, 70, 80]]);
        double together = graph.Run(packed).NegativeLogLikelihood;
        double alone = graph.Run(Batch([[10, 20, 30, 40, 50]])).NegativeLogLikelihood + graph.Run(Batch([[60, 70, 80]])).NegativeLogLikelihood;
        Assert.Equal(alone, together, 1e-4);
    }

    [Fact]
    public void A_batch_with_ids_out_of_range_is_refused()
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_model), GraphPurpose.Evaluate);
        Assert.Throws<ArgumentException>(() => graph.Run(Batch([[10, RandomModel.VocabularySize]])));
    }

    private LoraAdapter Adapter()
    {
        LoraAdapter adapter = LoraAdapter.Create(_model.File, rank: 4, alpha: 8, seed: 3, LoraAdapter.AllLinears);
        var random = new Random(4);
        foreach (Parameter parameter in adapter.Parameters.All.Where(p => p.Name.EndsWith(".lora_b", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameter.Value.AsSpan<float>())
                value = (random.NextSingle() - 0.5f) * 0.3f;
        }

        return adapter;
    }

    private TrainingGraph New(DecoderWeights weights, GraphPurpose purpose) =>
        new(_backend, DecoderShape.FromGguf(_model.File), weights, tokens: 32, predictions: 16, purpose);

    private static MicroBatch Batch(int[][] sequences)
    {
        int[] starts = [.. sequences.SelectMany((s, i) => Enumerable.Repeat(sequences.Take(i).Sum(x => x.Length), s.Length))];
        int[] tokens = [.. sequences.SelectMany(s => s)];
        int[] rows = [.. Enumerable.Range(0, tokens.Length - 1).Where(i => starts[i + 1] == starts[i])];
        return new MicroBatch(tokens, [.. tokens.Select((_, i) => i - starts[i])], starts, rows, [.. rows.Select(r => tokens[r + 1])], [.. rows.Select(_ => 1f)]);
    }

    private static MicroBatch Sample() => Batch([[10, 20, 30, 40, 50, 60], [60, 70, 80, 257]]);

    private (double Loss, float[] Gradients) LossAndGradients(LoraAdapter adapter, GraphPurpose purpose)
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_model, adapter), purpose);
        adapter.Parameters.ClearGradients();
        double loss = graph.Run(Sample()).Loss;
        return (loss, [.. adapter.Parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())]);
    }

    /// <summary>Central differences of the whole loss along random directions, one for each parameter.</summary>
    private static void AssertGradients(ParameterSet parameters, TrainingGraph graph)
    {
        const float Step = 2e-3f;
        parameters.ClearGradients();
        graph.Run(Sample());
        var analytic = parameters.All.ToDictionary(p => p.Name, p => p.Gradient.AsSpan<float>().ToArray());
        foreach (Parameter parameter in parameters.All)
        {
            // Along its own gradient the slope is the gradient's norm: the direction in which a difference says most.
            float[] gradient = analytic[parameter.Name];
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(norm > 0, $"{parameter.Name} gets no gradient");
            float[] original = parameter.Value.AsSpan<float>().ToArray();
            double up = LossAt(+1), down = LossAt(-1);
            original.CopyTo(parameter.Value.AsSpan<float>());
            double slope = (up - down) / (2 * Step);
            Assert.True(Math.Abs(slope - norm) / norm < 0.01, $"{parameter.Name}: slope {slope}, norm of the gradient {norm}");

            double LossAt(int sign)
            {
                Span<float> value = parameter.Value.AsSpan<float>();
                for (int i = 0; i < gradient.Length; i++)
                    value[i] = original[i] + (float)(sign * Step * gradient[i] / norm);
                return graph.Run(Sample()).Loss;
            }
        }
    }
}
