using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>An assistant as <c>/api/assistants</c> shows it. <c>created_at</c> in Unix seconds.</summary>
internal sealed record AssistantView
{
    /// <summary>By which it is asked, as <c>model</c>.</summary>
    public required string Id { get; init; }
    public string Object => "assistant";

    /// <summary>As people read it.</summary>
    public required string Name { get; init; }

    /// <summary>A letter.</summary>
    public required string Avatar { get; init; }

    /// <summary>The local model that it starts from and is trained on.</summary>
    public required string Base { get; init; }

    /// <summary>The system prompt; empty for none.</summary>
    public required string System { get; init; }

    /// <summary>Sampling defaults, as a chat request has them.</summary>
    [WireType(typeof(ChatCompletionRequest))] public required JsonElement Request { get; init; }

    /// <summary>Documents that it looks things up in.</summary>
    public required IReadOnlyList<string> VectorStoreIds { get; init; }
    public required AssistantLearning Learning { get; init; }

    /// <summary>Why it cannot be asked; null: it can.</summary>
    public required string? Problem { get; init; }
    public required long CreatedAt { get; init; }
}

/// <summary>What an assistant has learned, and is to.</summary>
/// <param name="Automatic">Whether it trains by itself.</param>
/// <param name="Version">In service; null while its base is not there.</param>
/// <param name="Versions">Whose files are there, the base not counted.</param>
/// <param name="Examples">Accepted ones.</param>
/// <param name="New">Those of them that the version in service has not learned.</param>
internal sealed record AssistantLearning(bool Automatic, int? Version, int Versions, long Examples, long New);
