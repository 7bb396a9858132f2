using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Models;

/// <summary>
/// Whether this machine's memory, as far as it is free now, holds a model: with a usual context and room to spare (<c>yes</c>), only just or with a short
/// context (<c>tight</c>), or not (<c>no</c>). A GPU's memory comes on top and is not counted.
/// </summary>
/// <param name="Bytes">What it takes with <paramref name="ContextLength"/>.</param>
/// <param name="LeastBytes">What it takes with a short context.</param>
/// <param name="Available">What is free.</param>
/// <param name="ContextLength">In tokens.</param>
internal sealed record MemoryFit(long Bytes, long LeastBytes, long Available, int ContextLength)
{
    private const int UsualContext = 8192, ShortContext = 2048; // tokens
    private const double Comfortable = 0.9; // of what is free

    [AllowedValues("yes", "tight", "no")] public string Fits => InWords(Bytes, LeastBytes, Available);

    public static string InWords(long bytes, long leastBytes, long available) =>
        bytes <= available * Comfortable ? "yes" : leastBytes <= available ? "tight" : "no";

    /// <param name="header">The model's; of a split one its first part's.</param>
    /// <param name="modelBytes">Size of all its parts.</param>
    /// <param name="engine">How engines are started.</param>
    /// <param name="available">Bytes that are free.</param>
    /// <returns>Null when the header does not say enough.</returns>
    public static MemoryFit? Of(GgufFile header, long modelBytes, EngineSettings engine, long available)
    {
        try
        {
            ModelShape shape = ModelShape.Of(header);
            int context = engine.ContextLength > 0 ? engine.ContextLength : Math.Min(shape.TrainedContext, UsualContext);
            return new(BytesWith(context), BytesWith(Math.Min(context, ShortContext)), available, context);

            long BytesWith(int tokens) => modelBytes - header.Length
                + MemoryEstimate.Of(header, shape, ServedContext.For(header, shape, engine.ForRequest(tokens), engine.Parallel)).Host;
        }
        catch (GgufException)
        {
            return null;
        }
    }
}

/// <summary>What the settings of section <c>Engine</c> say of a context.</summary>
internal static class EngineContext
{
    public static ContextSize ForRequest(this EngineSettings engine, int tokens) => new()
    {
        CacheTokens = tokens,
        BatchSize = engine.BatchSize,
        MicroBatchSize = engine.MicroBatchSize,
        KeyType = Type(engine.CacheTypeKeys),
        ValueType = Type(engine.CacheTypeValues),
        FlashAttention = engine.FlashAttention switch { EngineSettings.On => true, EngineSettings.Off => false, _ => null },
    };

    private static GgmlType Type(string name) => Enum.Parse<GgmlType>(name, ignoreCase: true);
}
