using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>A conversation and its wanted reply, as a run may learn it. Times are Unix milliseconds here, seconds on the wire.</summary>
internal sealed record Example
{
    public required string Id { get; init; }
    public required string? CompletionId { get; init; }
    public required string? ConversationId { get; init; }
    public required string Status { get; init; }
    public required string Source { get; init; } // rating, rejection, correction, follow_up, edit, import
    public string? Origin { get; init; } // of imports: file and line
    public required string? Split { get; init; } // train, held_out, test, null = not yet used
    public required IReadOnlyList<RequestMessage> Messages { get; init; } // the last one is learned
    public JsonElement? Tools { get; init; } // functions that the assistant could call
    public required IReadOnlyList<string> Flags { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>An example of <c>GET /api/dataset</c>, with the runs that used it. Times are Unix seconds.</summary>
internal sealed record DatasetItem
{
    public required string Id { get; init; }
    public string Object => "example";
    public required string? CompletionId { get; init; }
    public required string? ConversationId { get; init; }
    [AllowedValues(ExampleStatus.Accepted, ExampleStatus.Unwanted, ExampleStatus.Excluded, ExampleStatus.Withdrawn)]
    public required string Status { get; init; }
    [AllowedValues("rating", "rejection", "correction", "follow_up", "edit", "import")] public required string Source { get; init; }

    /// <summary>Of an import: file and line.</summary>
    public required string? Origin { get; init; }

    /// <summary>What it was imported with.</summary>
    public required string? ImportId { get; init; }
    [AllowedValues("train", "held_out", "test")] public required string? Split { get; init; }
    [WireType(typeof(ExampleMessage[]))] public required JsonElement Messages { get; init; }
    public required JsonElement? Tools { get; init; }
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>Versions that were trained on it.</summary>
    public required IReadOnlyList<int> Versions { get; init; }
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>What its thumb down found wrong.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Other wordings of its question, in which it is learned, too, if they are enabled.</summary>
    public required IReadOnlyList<Rewording> Rewordings { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>What <see cref="DatasetItem.Messages"/> holds: a message as it is stored.</summary>
internal sealed record ExampleMessage
{
    public required string Role { get; init; }
    public string? Content { get; init; }
    public string? Name { get; init; }
    public string? ReasoningContent { get; init; }
    public string? Refusal { get; init; }
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
    public string? ToolCallId { get; init; }
}

/// <summary>The body of <c>PATCH /api/dataset/{id}</c>.</summary>
internal sealed record DatasetChange
{
    [AllowedValues(ExampleStatus.Accepted, ExampleStatus.Excluded)] public string? Status { get; init; }
    public IReadOnlyList<RequestMessage>? Messages { get; init; }

    /// <summary>In place of those that it has.</summary>
    public IReadOnlyList<Rewording>? Rewordings { get; init; }
}
