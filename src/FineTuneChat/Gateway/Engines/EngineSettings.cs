using System.ComponentModel.DataAnnotations;
using FineTuneChat.Engine;

namespace FineTuneChat.Gateway.Engines;

/// <summary>Section <c>Engine</c>: how the engine processes run.</summary>
internal sealed class EngineSettings
{
    public const string Section = "Engine";

    /// <summary>Compute threads; 0 = all cores but one, beyond four half of them.</summary>
    [Range(0, 512)]
    public int Threads { get; init; }

    /// <summary>Tokens of context per conversation; 0 = what the model was trained for.</summary>
    [Range(0, 512 * 1024)]
    public int ContextLength { get; init; }

    /// <summary>Replies that are written at the same time; more requests wait.</summary>
    [Range(1, 64)]
    public int Parallel { get; init; } = 4;

    /// <summary>Requests that may wait for a place; one more is answered with 429.</summary>
    [Range(0, 100_000)]
    public int MaxQueue { get; init; } = 64;

    /// <summary>Most tokens of ended conversations that stay in the cache, for prompts that begin like them; 0 = none, -1 = one of full length.</summary>
    [Range(-1, int.MaxValue)]
    public int PrefixCacheTokens { get; init; } = -1;

    /// <summary>How long an engine may take to load its model.</summary>
    [Range(1, 3600)]
    public int StartTimeoutSeconds { get; init; } = 300;

    /// <summary>How long an engine for another model or version stays after its last request.</summary>
    [Range(0, 24 * 60)]
    public int IdleMinutes { get; init; } = 5;

    public int ThreadsOrDefault => Threads > 0 ? Threads : ComputeThreads.Default;
}
