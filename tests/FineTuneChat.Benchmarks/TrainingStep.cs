using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Benchmarks;

/// <summary>A LoRA step on all linears of a model, over one row of random tokens, every one of them supervised.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly MappedModel _model;
    private readonly LoraAdapter _adapter;
    private readonly Backend _backend;
    private readonly DecoderWeights _weights;
    private readonly DecoderShape _shape;
    private readonly Trainer _trainer;
    private readonly TrainingExample _example;
    private readonly int _tokens, _rank;
    private readonly bool _checkpointing;

    public TrainingStep(string path, int tokens, int rank = 16, int? threads = null, bool checkpointing = false, ComputeDevice? device = null)
    {
        _tokens = tokens;
        _rank = rank;
        _checkpointing = checkpointing;
        _model = MappedModel.Open(path);
        _shape = DecoderShape.FromGguf(_model.File);
        _adapter = LoraAdapter.Create(_model.File, rank, 2 * rank, seed: 1, LoraAdapter.AllLinears);
        int cores = threads ?? Environment.ProcessorCount;
        _backend = device == null ? new CpuBackend(cores) : new DeviceBackend(device, cores);
        _weights = DecoderWeights.Frozen(_model, _adapter).On(_backend);
        _trainer = new Trainer(
            _backend, _shape, _weights, _adapter.Parameters, new AdamW(_adapter.Parameters, new AdamWOptions()),
            new LearningRateSchedule(1e-4f, 1, 1000), tokens, maxGradientNorm: 1, checkpointing);
        var random = new Random(1);
        _example = new TrainingExample([.. Enumerable.Range(0, tokens).Select(_ => random.Next(256))], [.. Enumerable.Repeat(true, tokens)]);
    }

    /// <summary>
    /// 4 N a token (N weights, the head among them): forward 2 N, gradient of the input 2 N. What is computed twice, attention and the adapter itself do not
    /// count.
    /// </summary>
    public double Flops => 4 * _model.File.Tensors.Where(t => t.Shape.Count == 2).Sum(t => (double)t.ElementCount) * _tokens;

    public long FileBytes => _model.File.Length;

    public double Seconds(int runs) => Clock.Best(runs, () => _trainer.Step([_example], CancellationToken.None));

    /// <summary>Where the time of a step goes: its nodes one by one, and what the whole step takes beside its graph.</summary>
    public IEnumerable<(string Part, double Seconds)> Breakdown()
    {
        MicroBatch batch = Packer.Pack([_example], _tokens)[0];
        using var graph = new TrainingGraph(
            _backend, _shape, _weights, _tokens, _tokens, _checkpointing ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train);
        double whole = Clock.Best(2, () => graph.Run(batch));
        foreach (var part in graph.Profile(batch).GroupBy(n => Part(n.Operation, n.Node)).OrderByDescending(p => p.Sum(n => n.Seconds)))
            yield return (part.Key, part.Sum(n => n.Seconds));
        yield return ("clipping, optimiser", Math.Max(0, Seconds(2) - whole));
    }

    public void Dispose()
    {
        _trainer.Dispose();
        _weights.Dispose();
        _backend.Dispose();
        _adapter.Dispose();
        _model.Dispose();
    }

    private string Part(string operation, Tensor node) => operation switch
    {
        "Gemm" or "GemmAdd" when node.Size(0) == _rank || node.Size(1) == _rank => "products of the adapter alone",
        "Gemm" or "GemmAdd" or "GemmSum" => "products with the base's weights",
        "Attention" => "attention, forward",
        "AttentionBack" => "attention, backward",
        "CrossEntropyBack" => "cross-entropy",
        _ => "norms, rope, activations, sums",
    };
}
