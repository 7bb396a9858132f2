using System.Collections.Concurrent;
using System.Globalization;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;

namespace FineTuneChat.Gateway.Models;

/// <summary>What a model's file says of itself, for clients that choose by it.</summary>
internal sealed record ModelFacts
{
    private static readonly ConcurrentDictionary<string, (DateTime ModifiedAt, ModelFacts Facts)> Known = new();

    // llama.cpp's numbers of the mixes that files are quantised to
    private static readonly Dictionary<long, string> Mixes = new()
    {
        [10] = "Q2_K",
        [11] = "Q3_K_S",
        [12] = "Q3_K_M",
        [13] = "Q3_K_L",
        [14] = "Q4_K_S",
        [15] = "Q4_K_M",
        [16] = "Q5_K_S",
        [17] = "Q5_K_M",
        [18] = "Q6_K",
    };

    public required string Architecture { get; init; }
    public required long Parameters { get; init; }
    public required string Quantization { get; init; }
    public required long Bytes { get; init; }
    public required DateTime ModifiedAt { get; init; }

    /// <summary>What it was trained for, in tokens; 0: the file does not say.</summary>
    public required int ContextLength { get; init; }
    public required string? Template { get; init; }
    public required string? License { get; init; }

    /// <summary>The entries of its header that are one value each.</summary>
    public required IReadOnlyDictionary<string, object> Entries { get; init; }

    public required ModelPurpose Purpose { get; init; }

    /// <summary>Whether it makes vectors or scores, not texts.</summary>
    public bool IsEmbedding => Purpose != ModelPurpose.Text;

    /// <summary>What it can be used for, in the words of the model manager.</summary>
    public string[] Capabilities =>
        Purpose == ModelPurpose.Embeddings ? ["embeddings"]
        : Purpose == ModelPurpose.Rerank ? ["rerank"]
        : Template is null ? ["completion"]
        : ["chat", .. Template.Contains("tools", StringComparison.Ordinal) ? ["tools"] : (string[])[], .. CanThink ? ["thinking"] : (string[])[]];

    /// <summary>As <c>/v1/models</c> names it.</summary>
    public string Type => ModelPurposes.TypeOf(Purpose);

    /// <summary>Whether its template can ask it to think before it answers.</summary>
    public bool CanThink => Template is { } text
        && (text.Contains("enable_thinking", StringComparison.Ordinal) || text.Contains("<think>", StringComparison.Ordinal));

    /// <summary>6.4M, 7.6B.</summary>
    public string Size => Parameters >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{Parameters / 1e9:0.#}B")
        : string.Create(CultureInfo.InvariantCulture, $"{Parameters / 1e6:0.##}M");

    /// <summary>Of a file, read again when it has changed; null when it cannot be read, or is no sound GGUF file.</summary>
    public static ModelFacts? Of(string path)
    {
        try
        {
            DateTime modifiedAt = File.GetLastWriteTimeUtc(path);
            if (Known.TryGetValue(path, out var known) && known.ModifiedAt == modifiedAt)
                return known.Facts;
            ModelFacts facts = Read(ModelFile.Open(path), modifiedAt);
            Known[path] = (modifiedAt, facts);
            return facts;
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ModelFacts Read(GgufFile file, DateTime modifiedAt)
    {
        string architecture = file.Architecture ?? "unknown";
        return new()
        {
            Architecture = architecture,
            Parameters = file.ParameterCount,
            Quantization = file.Metadata.Integer("general.file_type") is { } mix && Mixes.TryGetValue(mix, out string? name) ? name : $"{file.MainType}",
            Bytes = file.Length,
            ModifiedAt = modifiedAt,
            ContextLength = (int)Math.Clamp(file.Metadata.Integer($"{architecture}.context_length") ?? 0, 0, int.MaxValue),
            Template = file.Metadata.Text("tokenizer.chat_template"),
            License = file.Metadata.Text("general.license"),
            Entries = file.Metadata.Keys.Where(key => !key.StartsWith("tokenizer.chat_template", StringComparison.Ordinal))
                .Select(key => (key, value: file.Metadata.TryGet(key, out object? value) ? value : null))
                .Where(entry => entry.value is not (null or Array)).ToDictionary(entry => entry.key, entry => entry.value!),
            Purpose = ModelPurposes.Of(file),
        };
    }
}
