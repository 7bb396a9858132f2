using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The answer of <c>GET /api/training</c>.</summary>
internal sealed record TrainingState
{
    public required PolicyState Policy { get; init; }
    public required Waiting Waiting { get; init; }

    /// <summary>The run in progress.</summary>
    public required Run? Run { get; init; }
    public required IReadOnlyList<Run> Runs { get; init; }
}

/// <summary>The body of <c>PATCH /api/training</c>.</summary>
internal sealed record TrainingChange
{
    /// <summary>Whether a run starts by itself when enough examples wait.</summary>
    public bool? Automatic { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}

/// <summary>The body of <c>POST /api/training/start</c>; may be absent.</summary>
internal sealed record StartRequest
{
    public RunOptions? Options { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}
