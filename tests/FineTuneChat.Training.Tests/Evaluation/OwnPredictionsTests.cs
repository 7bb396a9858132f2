using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Evaluation;

/// <summary>Where a model is to stay as it is, it learns its own predictions.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class OwnPredictionsTests : IDisposable
{
    private readonly TinyModel _tiny = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    public void They_are_the_likeliest_tokens_and_sum_to_one()
    {
        float[] logits = [.. Enumerable.Range(0, 20).Select(i => i is 3 or 7 ? 5f : -5f)];
        TokenProbability[] found = OwnPredictions.Likeliest(logits);
        Assert.Equal([3, 7], found.Select(t => t.Token));
        Assert.All(found, t => Assert.Equal(0.5f, t.Probability, 1e-3f));

        TokenProbability[] flat = OwnPredictions.Likeliest(new float[20]);
        Assert.Equal((8, 1f), (flat.Length, flat.Sum(t => t.Probability)));
    }

    [Fact]
    public void The_base_itself_gets_no_gradient_from_them_and_a_changed_model_does()
    {
        TrainingExample plain = Example(), kept = WithAllPredictions(plain);
        using LoraAdapter none = LoraAdapter.Create(_tiny.Mapped.File, 4, 8, 1, LoraAdapter.AllLinears);
        using LoraAdapter changed = TrainedAdapter.Create(_tiny.Mapped.File, 4, 0.5f);

        Assert.True(Gradient(none, kept) < 0.02 * Gradient(none, plain), $"{Gradient(none, kept)} of {Gradient(none, plain)}");
        Assert.True(Gradient(changed, kept) > 10 * Gradient(none, kept));
    }

    /// <summary>With every token of the vocabulary: a random model's predictions are flat, and the likeliest eight are not much of them.</summary>
    private TrainingExample WithAllPredictions(TrainingExample example)
    {
        using LlamaModel model = LlamaModel.Load(_tiny.Mapped.File.Path);
        using var decoding = new ExampleDecoding(model, null, [example], 1);
        DecodedExample decoded = Assert.Single(decoding.Decode(default));
        return example with
        {
            Predictions = [.. example.PredictedFrom.Select(i =>
            {
                float[] p = decoded.LogitsOf(i).ToArray();
                System.Numerics.Tensors.TensorPrimitives.SoftMax(p, p);
                return p.Select((probability, token) => new TokenProbability(token, probability)).ToArray();
            })],
        };
    }

    private double Gradient(LoraAdapter adapter, TrainingExample example)
    {
        MicroBatch batch = Assert.Single(Packer.Pack([example], 64));
        Assert.Equal(1, batch.Weights.Sum(), 1e-4f);
        using var graph = new TrainingGraph(
            _backend, DecoderShape.FromGguf(_tiny.Mapped.File), DecoderWeights.Frozen(_tiny.Mapped, adapter), 64, batch.Rows.Length, GraphPurpose.Train);
        adapter.Parameters.ClearGradients();
        graph.Run(batch);
        return Math.Sqrt(adapter.Parameters.All.Sum(p => p.Gradient.AsSpan<float>().ToArray().Sum(g => (double)g * g)));
    }

    private static TrainingExample Example()
    {
        int[] ids = [10, 20, 30, 40, 50, 60, 70, 80];
        return new TrainingExample(ids, [.. ids.Select((_, i) => i >= 4)]);
    }
}
