namespace FineTuneChat.Engine;

/// <summary>What the engine process serves, and where. Null = chosen from the model and the machine.</summary>
internal sealed record EngineSettings
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public required string Model { get; init; }
    public string? Adapter { get; init; }
    public string? Socket { get; init; }
    public string Url { get; init; } = DefaultUrl; // without a socket
    public string? Alias { get; init; } // the model's name in requests and replies; default: the file's name
    public int? ContextLength { get; init; } // of one request
    public int? Threads { get; init; }
    public int Parallel { get; init; } = 8; // replies written at a time
    public int MaxQueue { get; init; } = 64; // replies that wait; more are refused with 429
    public int? PrefixCacheTokens { get; init; } // of ended sequences; default: one of full length
    public string? ChatTemplateFile { get; init; }
    public bool Supervised { get; init; } // end when standard input closes: the parent is gone
}
