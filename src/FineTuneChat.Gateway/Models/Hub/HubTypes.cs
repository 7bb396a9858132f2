using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>A repository as the hub's API describes it: of a search with names of files, asked for alone with their sizes and hashes.</summary>
internal sealed record RepositoryInfo
{
    public required string Id { get; init; }
    public string? Sha { get; init; }

    /// <summary>false, "auto" or "manual".</summary>
    public JsonElement Gated { get; init; }
    public bool Private { get; init; }
    public long Downloads { get; init; }
    public long Likes { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public DateTimeOffset? LastModified { get; init; }
    public IReadOnlyList<SiblingInfo>? Siblings { get; init; }
    public GgufInfo? Gguf { get; init; }

    [JsonIgnore]
    public bool IsGated => Gated.ValueKind is JsonValueKind.True or JsonValueKind.String;

    /// <summary>As the tags have it: <c>apache-2.0</c>.</summary>
    [JsonIgnore]
    public string? License => Tags?.FirstOrDefault(t => t.StartsWith("license:", StringComparison.Ordinal))?["license:".Length..];
}

internal sealed record SiblingInfo
{
    public required string Rfilename { get; init; }
    public long? Size { get; init; }
    public LfsInfo? Lfs { get; init; }
}

internal sealed record LfsInfo
{
    public string? Sha256 { get; init; }
    public long? Size { get; init; }
}

/// <summary>What the hub has read from a repository's GGUF files.</summary>
internal sealed record GgufInfo
{
    public long? Total { get; init; }
    public string? Architecture { get; init; }

    [JsonPropertyName("context_length")]
    public long? ContextLength { get; init; }
}

/// <summary>JSON of the hub: camel case, and more than is asked for.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RepositoryInfo))]
[JsonSerializable(typeof(IReadOnlyList<RepositoryInfo>))]
internal sealed partial class HubJson : JsonSerializerContext;
