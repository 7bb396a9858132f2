using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine;

/// <summary>What the engine process serves, and where.</summary>
internal sealed record EngineStart
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public required string Model { get; init; }
    public IReadOnlyList<AdapterChoice> Adapters { get; init; } = [];
    public string? Socket { get; init; }
    public string Url { get; init; } = DefaultUrl; // without a socket
    public string? Alias { get; init; } // the model's name in requests and replies; default: the file's name
    public string? ChatTemplateFile { get; init; }
    public bool Supervised { get; init; } // end when standard input closes: the parent is gone
    public EngineSettings Settings { get; init; } = new();
}
