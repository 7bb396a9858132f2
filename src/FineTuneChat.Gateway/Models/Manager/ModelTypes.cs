using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Serving;
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

    /// <summary>As its file names it.</summary>
    public string? License { get; init; }

    /// <summary>What it is for: chat, tools, thinking; completion (of a base without a chat template); embeddings.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];
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

    /// <summary>How it is loaded, where that is not as the settings say.</summary>
    public LoadOptions? Options { get; init; }
}

/// <summary>An engine that runs.</summary>
internal sealed record LoadedModel
{
    /// <summary>By which it is asked: <c>assistant</c>, or a local model's name.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: <c>assistant@3</c>, or the same name.</summary>
    public required string Model { get; init; }
    [AllowedValues(ModelState.Loading, ModelState.Loaded)] public required string State { get; init; }

    /// <summary>Of its process, the model's file included as far as it is read.</summary>
    public required long? MemoryBytes { get; init; }
    public required long? Since { get; init; }

    /// <summary>When it is unloaded if nobody asks it until then; null: it stays.</summary>
    public required long? EndsAt { get; init; }

    public static LoadedModel Of(LoadedEngine engine) => new()
    {
        Id = engine.Id,
        Model = engine.Engine.Alias,
        State = engine.Running is null ? ModelState.Loading : ModelState.Loaded,
        MemoryBytes = engine.MemoryBytes,
        Since = engine.Running?.Since.ToUnixTimeSeconds(),
        EndsAt = engine.EndsAt?.ToUnixTimeSeconds(),
    };
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
[JsonSerializable(typeof(ListPage<LoadedModel>))]
[JsonSerializable(typeof(LoadOptions))]
[JsonSerializable(typeof(MemoryNeed))]
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
