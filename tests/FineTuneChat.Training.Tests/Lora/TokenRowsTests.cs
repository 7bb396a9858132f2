using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Lora;

/// <summary>Rows of single tokens beside the low-rank matrices, of a head that is the embedding table and of one that is not.</summary>
public sealed class TokenRowsTests : IDisposable
{
    private static readonly int[] Tokens = [20, 60, 257];

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend;

    public TokenRowsTests()
    {
        NativeLibraries.Load();
        _backend = new CpuBackend(threads: 1);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait(Tier.Name, Tier.Slow)]
    public void They_have_the_gradient_of_the_loss(bool tied)
    {
        using MappedModel model = Model(tied);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 4, spread: 0.3f, Tokens);
        using TrainingGraph graph = Graph(model, adapter, GraphPurpose.Train);
        LossGradientCheck.Assert(adapter.Parameters, graph, Sample);

        adapter.Parameters.ClearGradients();
        double loss = graph.Run(Sample).Loss;
        float[] gradients = Gradients(adapter);
        using TrainingGraph checkpointed = Graph(model, adapter, GraphPurpose.TrainCheckpointed);
        adapter.Parameters.ClearGradients();
        Assert.Equal(loss, checkpointed.Run(Sample).Loss);
        Assert.Equal(gradients, Gradients(adapter));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_merged_model_computes_what_was_trained(bool tied)
    {
        using MappedModel model = Model(tied);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 4, spread: 0.3f, Tokens);
        ModelMerge.Write(model, adapter, _folder["merged.gguf"], new Dictionary<string, object?>(), _backend);
        using MappedModel merged = MappedModel.Open(_folder["merged.gguf"]);
        using LoraAdapter linears = TrainedAdapter.Create(model.File, rank: 4, spread: 0.3f);

        double trained = Loss(model, adapter), exported = Loss(merged, adapter: null);

        Assert.Equal(trained, exported, 1e-4);
        Assert.True(Math.Abs(trained - Loss(model, linears)) > 0.01, "the rows change nothing: the comparison would prove nothing");
        float[] head = model[TokenRows.HeadOf(model.File)].ToFloats(), after = merged[TokenRows.HeadOf(model.File)].ToFloats();
        Assert.Equal(Tokens, Enumerable.Range(0, head.Length).Where(i => head[i] != after[i]).Select(i => i / 64).Distinct());
    }

    [Theory]
    [InlineData(true, "embed_tokens", "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta")]
    [InlineData(false, "lm_head", "base_model.model.lm_head.token_adapter.trainable_tokens_delta")]
    public void Both_formats_keep_them_and_PEFTs_has_the_rows_themselves(bool tied, string module, string matrix)
    {
        using MappedModel model = Model(tied);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 4, spread: 0.3f, Tokens);
        PeftAdapter.Save(_folder.Path, adapter, model.File);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");

        foreach (string path in new[] { _folder.Path, _folder["adapter.gguf"] })
        {
            using LoraAdapter read = LoraFile.Load(path, model.File);
            Assert.Equal(Tokens, read.Rows!.Tokens);
            Assert.Equal(adapter.Rows!.Weight, read.Rows.Weight);
            float[] expected = adapter.Rows.Added.Value.AsSpan<float>().ToArray(), found = read.Rows.Added.Value.AsSpan<float>().ToArray();
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }
        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        Assert.Equal(Tokens, config["trainable_token_indices"]![module]!.AsArray().Select(id => (int)id!));
        SafeMatrix rows = PeftWeights.Read(_folder["adapter_model.safetensors"])[matrix];
        float[] head = model[adapter.Rows!.Weight].ToFloats();
        Assert.Equal(head[20 * 64] + adapter.Rows.Added.Value.AsSpan<float>()[0], rows.Values[0], 1e-6f);
    }

    [Fact]
    public void A_file_whose_rows_do_not_fit_is_refused()
    {
        using MappedModel model = Model(tied: true);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 4, spread: 0.3f, Tokens);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        GgufFile narrower = GgufFile.Open(RandomModel.Write(_folder["other.gguf"], new RandomModelShape(Tied: false)));
        Assert.Contains("rows of single tokens", Assert.Throws<GgufException>(() => LoraFile.Load(_folder["adapter.gguf"], narrower)).Message);

        PeftAdapter.Save(_folder.Path, adapter, model.File);
        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        foreach (JsonNode? indices in new JsonNode?[] { null, new JsonArray(20, 60), new JsonArray(20, 60, 9999), new JsonArray(60, 20, 257), "all" })
        {
            config["trainable_token_indices"] = indices;
            File.WriteAllText(_folder["adapter_config.json"], config.ToJsonString());
            Assert.Throws<InvalidDataException>(() => LoraFile.Load(_folder.Path, model.File).Dispose());
        }
    }

    private static MicroBatch Sample => LossGradientCheck.Batch([[10, 20, 30, 40, 50, 60], [60, 70, 80, 257]]);

    private static float[] Gradients(LoraAdapter adapter) => [.. adapter.Parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())];

    private MappedModel Model(bool tied) => MappedModel.Open(RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Tied: tied)));

    private TrainingGraph Graph(MappedModel model, LoraAdapter? adapter, GraphPurpose purpose) =>
        new(_backend, DecoderShape.FromGguf(model.File), DecoderWeights.Frozen(model, adapter), tokens: 32, predictions: 16, purpose);

    private double Loss(MappedModel model, LoraAdapter? adapter)
    {
        using TrainingGraph graph = Graph(model, adapter, GraphPurpose.Evaluate);
        return graph.Run(Sample).Loss;
    }
}
