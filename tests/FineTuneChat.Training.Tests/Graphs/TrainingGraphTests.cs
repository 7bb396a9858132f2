using FineTuneChat.Native.Ggml;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

public sealed class TrainingGraphTests : IDisposable
{
    private readonly TinyModel _tiny = new();
    private readonly CpuBackend _backend = new(2);

    public void Dispose()
    {
        _backend.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Every_adapter_matrix_has_the_gradient_of_the_loss()
    {
        using LoraAdapter adapter = TrainedAdapter.Create(_tiny.Mapped.File, rank: 4, spread: 0.3f);
        using TrainingGraph graph = New(DecoderWeights.Frozen(_tiny.Mapped, adapter), GraphPurpose.Train);
        LossGradientCheck.Assert(adapter.Parameters, graph, Sample());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait(Tier.Name, Tier.Slow)]
    public void Every_whole_weight_has_the_gradient_of_the_loss(bool tied)
    {
        using MappedModel model = MappedModel.Open(RandomModel.Write(_tiny.Folder["whole.gguf"], new RandomModelShape(Tied: tied)));
        using var parameters = new ParameterSet([.. model.File.Tensors.Select(t => (t.Name, t.Shape.ToArray(), t.Shape.Count > 1))]);
        foreach (Parameter parameter in parameters.All)
            model[parameter.Name].AsSpan<float>().CopyTo(parameter.Value.AsSpan<float>());
        using var graph = new TrainingGraph(_backend, DecoderShape.FromGguf(model.File), DecoderWeights.Trained(parameters), 32, 16, GraphPurpose.Train);
        LossGradientCheck.Assert(parameters, graph, Sample());
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void With_dropout_the_gradient_is_that_of_the_loss_with_the_same_inputs_left_out()
    {
        using LoraAdapter adapter = TrainedAdapter.Create(_tiny.Mapped.File, rank: 4, spread: 0.3f);
        DecoderWeights weights = DecoderWeights.Frozen(_tiny.Mapped, adapter);
        var graphs = new[] { GraphPurpose.Train, GraphPurpose.TrainCheckpointed }.Select(purpose =>
            new TrainingGraph(_backend, DecoderShape.FromGguf(_tiny.Mapped.File), weights, tokens: 32, predictions: 16, purpose, dropout: 0.4f)).ToArray();
        LossGradientCheck.Assert(adapter.Parameters, graphs[0], Sample());
        Assert.Equal(graphs[0].Run(Sample(), dropoutSeed: 5), graphs[1].Run(Sample(), dropoutSeed: 5));
        Assert.NotEqual(graphs[0].Run(Sample(), dropoutSeed: 5), graphs[0].Run(Sample(), dropoutSeed: 6));
        foreach (TrainingGraph graph in graphs)
            graph.Dispose();
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Checkpointing_changes_no_bit_of_loss_and_gradients()
    {
        using LoraAdapter adapter = TrainedAdapter.Create(_tiny.Mapped.File, rank: 4, spread: 0.3f);
        var (loss, gradients) = LossAndGradients(adapter, GraphPurpose.Train);
        var (checkpointedLoss, checkpointedGradients) = LossAndGradients(adapter, GraphPurpose.TrainCheckpointed);
        Assert.Equal(loss, checkpointedLoss);
        Assert.Equal(gradients, checkpointedGradients);
    }

    [Fact]
    public void Packed_sequences_give_the_losses_they_give_alone()
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_tiny.Mapped), GraphPurpose.Evaluate);
        MicroBatch packed = LossGradientCheck.Batch([[10, 20, 30, 40, 50], [60, 70, 80]]);
        double together = graph.Run(packed).NegativeLogLikelihood;
        double alone = graph.Run(LossGradientCheck.Batch([[10, 20, 30, 40, 50]])).NegativeLogLikelihood
            + graph.Run(LossGradientCheck.Batch([[60, 70, 80]])).NegativeLogLikelihood;
        Assert.Equal(alone, together, 1e-4);
    }

    [Fact]
    public void Graphs_for_which_there_is_no_room_are_built_again()
    {
        DecoderShape shape = DecoderShape.FromGguf(_tiny.Mapped.File);
        using GraphCache all = new(_backend, shape, DecoderWeights.Frozen(_tiny.Mapped), GraphPurpose.Evaluate);
        using GraphCache one = new(_backend, shape, DecoderWeights.Frozen(_tiny.Mapped), GraphPurpose.Evaluate, budget: 1);
        MicroBatch small = Sample(), large = LossGradientCheck.Batch([[.. Enumerable.Range(1, 60)]]);
        foreach (MicroBatch batch in new[] { small, large, small, small, large })
            Assert.Equal(all.Run(batch), one.Run(batch));
        Assert.Equal((2, 1), (all.Count, one.Count));
    }

    [Fact]
    public void A_batch_with_ids_out_of_range_is_refused()
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_tiny.Mapped), GraphPurpose.Evaluate);
        Assert.Throws<ArgumentException>(() => graph.Run(LossGradientCheck.Batch([[10, RandomModel.VocabularySize]])));
    }

    private TrainingGraph New(DecoderWeights weights, GraphPurpose purpose) =>
        new(_backend, DecoderShape.FromGguf(_tiny.Mapped.File), weights, tokens: 32, predictions: 16, purpose);

    private static MicroBatch Sample() => LossGradientCheck.Batch([[10, 20, 30, 40, 50, 60], [60, 70, 80, 257]]);

    private (double Loss, float[] Gradients) LossAndGradients(LoraAdapter adapter, GraphPurpose purpose)
    {
        using TrainingGraph graph = New(DecoderWeights.Frozen(_tiny.Mapped, adapter), purpose);
        adapter.Parameters.ClearGradients();
        double loss = graph.Run(Sample()).Loss;
        return (loss, [.. adapter.Parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())]);
    }
}
