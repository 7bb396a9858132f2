using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Loading;

/// <summary>How a model will be loaded, and the memory that it will take.</summary>
internal sealed record LoadPlan
{
    public required ModelOptions Model { get; init; }
    public required ContextOptions Context { get; init; }
    public required int ContextLength { get; init; } // of one request
    public required int Parallel { get; init; }
    public required MemoryEstimate Memory { get; init; }

    /// <summary>Lines that tell the user what was chosen.</summary>
    public IEnumerable<string> Describe(GgufFile file, IReadOnlyList<AdapterChoice> adapters, Machine machine)
    {
        yield return $"model    {file.Architecture}, {Count(file.ParameterCount)} parameters in {file.MainType}, from {file.Path} ({ByteText.Of(file.Length)})";
        foreach (AdapterChoice adapter in adapters)
            yield return $"adapter  {adapter.Path}, scale {adapter.Scale:0.##}";
        yield return $"context  {ContextLength} tokens for one request, {Parallel} replies at a time, cache of {Context.CacheTokens} tokens in "
            + $"{CacheType} ({ByteText.Of(Memory.Cache.Host + Memory.Cache.Device)})";
        yield return $"compute  {Context.Threads} {(Context.Threads == 1 ? "thread" : "threads")}{OnGpu(machine)}, batches of {Context.BatchSize} in "
            + $"parts of {Context.MicroBatchSize}, flash attention {FlashAttention}{Rope}";
        yield return $"memory   about {ByteText.Of(Memory.Host)} of {ByteText.Of(machine.AvailableBytes)} "
            + $"available{(Memory.Device > 0 ? $", {ByteText.Of(Memory.Device)} of {ByteText.Of(machine.GpuBytes)} on the GPU" : "")}";
    }

    private static string Count(long parameters) => parameters >= 1e9 ? $"{parameters / 1e9:0.#} billion" : $"{parameters / 1e6:0.#} million";

    private string CacheType => Context.KeyType == Context.ValueType ? $"{Context.KeyType}" : $"{Context.KeyType} and {Context.ValueType}";

    private string FlashAttention => Context.FlashAttention switch { null => "where it can be", true => "on", false => "off" };

    private string Rope => Model.Rope is var rope && rope != new RopeOptions { ServedContext = rope.ServedContext }
        ? $", positions {rope.Scaling?.ToString().ToLowerInvariant() ?? "scaled"}{(rope.Factor is { } factor ? $" by {factor:0.##}" : "")}"
        : "";

    private string OnGpu(Machine machine) =>
        machine.Gpus.Count == 0 || Model.GpuLayers == 0 ? "" : $", {Model.GpuLayers} layers on {string.Join(", ", machine.Gpus.Select(g => g.Name))}";
}
