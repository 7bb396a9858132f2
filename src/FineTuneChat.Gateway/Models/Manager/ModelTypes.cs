using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary>A local model for people and programs that manage models.</summary>
internal sealed record ModelView
{
    public required string Name { get; init; }

    /// <summary>Inside the models folder; of a model elsewhere its name.</summary>
    public required string File { get; init; }

    /// <summary><c>owner/repo</c> on the hub, where it lies in folders of that name.</summary>
    public string? Repository { get; init; }
    public required long Bytes { get; init; }
    public string? Architecture { get; init; }
    public long? Parameters { get; init; }
    public string? Quantization { get; init; }
    public long? ContextLength { get; init; }
    public required long ModifiedAt { get; init; }

    /// <summary>One of <see cref="ModelState"/>; null where no server was asked.</summary>
    public string? State { get; init; }

    /// <summary>Whether the assistant starts from it.</summary>
    public bool IsBase { get; init; }
    public required bool Usable { get; init; }

    /// <summary>Why it is not usable.</summary>
    public string? Problem { get; init; }

    /// <summary>Vision projectors beside it; they are not used.</summary>
    public IReadOnlyList<string> Projectors { get; init; } = [];
    public MemoryFit? Memory { get; init; }
}

/// <summary>A repository that a search has found.</summary>
internal sealed record FoundModel
{
    public required string Name { get; init; }
    public required long Downloads { get; init; }
    public required long Likes { get; init; }
    public string? License { get; init; }
    public required bool Gated { get; init; }
    public string? Architecture { get; init; }
    public long? Parameters { get; init; }
    public long? ContextLength { get; init; }
    public long? UpdatedAt { get; init; }
    public required IReadOnlyList<string> Quantizations { get; init; }

    /// <summary>Null for one whose name is none.</summary>
    public static FoundModel? Of(RepositoryInfo info) => !ModelReference.IsRepository(info.Id) ? null : new()
    {
        Name = info.Id,
        Downloads = info.Downloads,
        Likes = info.Likes,
        License = info.License,
        Gated = info.IsGated,
        Architecture = info.Gguf?.Architecture,
        Parameters = info.Gguf?.Total,
        ContextLength = info.Gguf?.ContextLength,
        UpdatedAt = info.LastModified?.ToUnixTimeSeconds(),
        Quantizations = [.. HubRepository.Of(info, ModelReference.Main).Models.Select(m => m.Label).Order(StringComparer.Ordinal)],
    };
}

/// <summary>A repository in detail: what can be pulled from it, and what fits here.</summary>
internal sealed record OfferedModel
{
    public required string Name { get; init; }
    public string? License { get; init; }
    public required bool Gated { get; init; }
    public string? Architecture { get; init; }
    public long? Parameters { get; init; }
    public long? ContextLength { get; init; }

    /// <summary>Smallest first.</summary>
    public required IReadOnlyList<OfferedQuantization> Quantizations { get; init; }
    public required IReadOnlyList<string> Projectors { get; init; }
}

/// <param name="Name">To pull it by.</param>
/// <param name="Quantization">Its label.</param>
/// <param name="Bytes">Of all its parts.</param>
/// <param name="Parts">How many there are.</param>
/// <param name="IsDefault">Whether it is taken when none is named.</param>
/// <param name="IsHere">Whether it was fetched already.</param>
/// <param name="Memory">Whether it fits; null when the hub does not give the header.</param>
internal sealed record OfferedQuantization(string Name, string Quantization, long Bytes, int Parts, bool IsDefault, bool IsHere, MemoryFit? Memory);

/// <summary>Body of <c>POST /api/models/pull</c> and of what stops it.</summary>
internal sealed record PullRequest
{
    public string? Name { get; init; }
}

/// <summary>JSON of the model manager.</summary>
[JsonSerializable(typeof(ListPage<ModelView>))]
[JsonSerializable(typeof(ListPage<FoundModel>))]
[JsonSerializable(typeof(ListPage<PullProgress>))]
[JsonSerializable(typeof(ModelView))]
[JsonSerializable(typeof(OfferedModel))]
[JsonSerializable(typeof(PullProgress))]
[JsonSerializable(typeof(PullResult))]
[JsonSerializable(typeof(PullRequest))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class ModelsJson : JsonSerializerContext
{
    public static ModelsJson Wire { get; } = new(ApiJson.Options());
}
