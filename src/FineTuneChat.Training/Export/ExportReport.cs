using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Export;

/// <summary>What an export gave.</summary>
/// <param name="Type">The file's type.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Fidelity">What it keeps of what was learned; null when nothing was held out.</param>
/// <param name="Reason">Why it is not of the type that was asked for; null when it is.</param>
public sealed record ExportReport(ModelFileType Type, long Bytes, Fidelity? Fidelity, string? Reason);

/// <summary>Losses on what was held out: of the base, of base and adapter, and of each type tried.</summary>
/// <param name="BaseLoss">Before learning.</param>
/// <param name="AdapterLoss">With the adapter beside the base: all that was learned.</param>
/// <param name="Tried">Types in the order of the attempts; the last one was taken.</param>
public sealed record Fidelity(double BaseLoss, double AdapterLoss, IReadOnlyList<TriedType> Tried)
{
    /// <summary>The share of the improvement that an exported file must keep.</summary>
    public const double Required = 0.9;

    /// <summary>The share that a loss keeps; null when the adapter improved nothing that could be kept.</summary>
    public double? Kept(double loss) => BaseLoss > AdapterLoss ? (BaseLoss - loss) / (BaseLoss - AdapterLoss) : null;
}

/// <summary>One attempt.</summary>
/// <param name="Type">The file's type.</param>
/// <param name="Loss">On what was held out.</param>
/// <param name="Kept">Share of the improvement; null when there was none.</param>
public sealed record TriedType(ModelFileType Type, double Loss, double? Kept);
