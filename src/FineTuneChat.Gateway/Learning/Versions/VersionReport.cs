using System.Text.Json;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>A version's <c>run.json</c>: where it came from, beside its file for whoever finds the folder.</summary>
internal sealed record VersionReport
{
    public required int Number { get; init; }
    public required string RunId { get; init; }
    public required string Base { get; init; }
    public required string BaseSha256 { get; init; }
    public required string DatasetSha256 { get; init; }
    public required RunOptions Options { get; init; }

    /// <summary>The trainer's own report.</summary>
    public required JsonElement? Training { get; init; }

    /// <summary>The exporter's: the file's type, and what it keeps of what was learned. Null when the base serves with the adapter beside it.</summary>
    public required JsonElement? Export { get; init; }
    public required GateVerdict Gate { get; init; }
}
