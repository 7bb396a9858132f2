using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Making;

/// <summary>What is to be made, of what and how: together with the files' contents it decides all that comes out.</summary>
internal sealed record MakeOrder
{
    /// <summary>Files or folders of data.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>Further files to choose by, beside those that a folder has.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>The folder for all that is made.</summary>
    public required string Out { get; init; }

    /// <summary>The model to teach, and what it is called.</summary>
    public required string Base { get; init; }
    public required string BaseName { get; init; }

    /// <summary>The GGUF's type; null: Q4_K_M, or a more precise one where that would lose what was learned.</summary>
    public string? Type { get; init; }

    /// <summary><c>sft</c>, <c>dpo</c> or <c>kto</c>.</summary>
    public string Method { get; init; } = Supervised;

    /// <summary>Options of the trainer beside <see cref="Options"/>, as its command line takes them.</summary>
    public IReadOnlyList<string> MethodOptions { get; init; } = [];
    public RunOptions Options { get; init; } = new();
    public Sweep? Sweep { get; init; }

    public DatasetOptions Told { get; init; } = new();

    /// <summary>The same as it was given.</summary>
    public string ToldText { get; init; } = "";
    public IReadOnlyList<CleaningRule> Rules { get; init; } = [];

    /// <summary>Whether rows that cannot be read are left out; otherwise they end the work.</summary>
    public bool SkipsBadRows { get; init; }
    public double ValidationShare { get; init; }
    public double TestShare { get; init; }

    /// <summary>The most tokens of a reply that is written for the test.</summary>
    public int MaxTokens { get; init; } = 512;
    public int Threads { get; init; } = Environment.ProcessorCount;

    public const string Supervised = "sft";
    public const string UsualType = "Q4_K_M";

    /// <summary>Whether something is chosen by rows that are not learned.</summary>
    public bool NeedsValidation => Sweep is not null || Options.EarlyStopping > 0;

    public bool IsSupervised => Method == Supervised;
    public int Seed => Options.Seed ?? RunOptions.Defaults.Seed!.Value;
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Out)));
}
