using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Export;

/// <summary>What a model is exported as.</summary>
public sealed record ExportOptions
{
    /// <summary>One of <see cref="ModelExport.Types"/>; a more precise one is taken where this one would lose what was learned.</summary>
    public required ModelFileType Type { get; init; }

    /// <summary>The model's name in the file, null: the base's.</summary>
    public string? Name { get; init; }

    /// <summary>The model's version in the file, null: none.</summary>
    public string? Version { get; init; }

    /// <summary>What the model is used for, to measure which inputs count; empty: all count the same.</summary>
    public IReadOnlyList<TrainingExample> Learned { get; init; } = [];

    /// <summary>What was held out, to measure what the exported file keeps; empty: it is not measured.</summary>
    public IReadOnlyList<TrainingExample> HeldOut { get; init; } = [];

    /// <summary>The RoPE options that the model is served with. Default: as its file says.</summary>
    public RopeOptions Rope { get; init; } = new();

    /// <summary>Compute threads.</summary>
    public int Threads { get; init; } = 1;
}
