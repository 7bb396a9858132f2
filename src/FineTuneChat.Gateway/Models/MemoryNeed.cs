using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Models;

/// <summary>
/// What a model takes in memory when it is loaded in a certain way: what its engine says when it has started so. Layers that the engine puts on a GPU by itself
/// are counted where they would lie without one.
/// </summary>
internal sealed record MemoryNeed
{
    public required long Bytes { get; init; }
    public required long GpuBytes { get; init; }

    /// <summary>Weights, on both sides.</summary>
    public required long Weights { get; init; }

    /// <summary>Cache of keys and values, on both sides.</summary>
    public required long Cache { get; init; }

    /// <summary>Activations, and logits as they are handed over.</summary>
    public required long Compute { get; init; }

    /// <summary>What is free now, without a GPU's.</summary>
    public required long Available { get; init; }

    /// <summary>Tokens of one request, also where the engine chooses.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    public required int TrainedContext { get; init; }

    /// <summary>Those that can lie on a GPU, the head counted as one.</summary>
    public required int Layers { get; init; }
    [AllowedValues("yes", "tight", "no")] public string Fits => MemoryFit.InWords(Bytes, Bytes, Available);

    /// <param name="header">The model's, with all its parts.</param>
    /// <param name="engine">How it is loaded.</param>
    /// <param name="available">Bytes that are free.</param>
    /// <exception cref="GgufException">The header does not say enough.</exception>
    public static MemoryNeed Of(GgufFile header, EngineSettings engine, long available)
    {
        ModelShape shape = ModelShape.Of(header);
        int layers = shape.Layers.Count + 1;
        int tokens = engine.ContextLength > 0
            ? engine.ContextLength
            : ServedContext.Choose(header, shape, engine.ForRequest(tokens: 0), shape.TrainedContext, available);
        ContextSize context = ServedContext.For(header, shape, engine.ForRequest(tokens), engine.Parallel);
        MemoryEstimate memory = MemoryEstimate.Of(header, shape, context, Math.Clamp(engine.GpuLayers, 0, layers));
        return new()
        {
            Bytes = memory.Host,
            GpuBytes = memory.Device,
            Weights = memory.Weights.Host + memory.Weights.Device,
            Cache = memory.Cache.Host + memory.Cache.Device,
            Compute = memory.Compute.Host + memory.Compute.Device + memory.Output,
            Available = available,
            ContextLength = tokens,
            TrainedContext = shape.TrainedContext,
            Layers = layers,
        };
    }
}
