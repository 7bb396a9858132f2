using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Adapters;

/// <summary>An adapter that requests may name, loaded or not. <see cref="AdapterRegistry"/> guards it.</summary>
internal sealed class KnownAdapter(string name, AdapterChoice file, DateTimeOffset created)
{
    public string Name => name;

    public AdapterChoice File => file;

    public DateTimeOffset Created => created;

    /// <summary>Requests that use it or wait for it to be loaded.</summary>
    public int Uses { get; set; }

    /// <summary>What the requests wait for, while there are some.</summary>
    public Task<Adapter> Ready { get; set; } = null!;

    /// <summary>Null while it is not loaded.</summary>
    public (LoadedAdapter Weights, Adapter Identity)? Loaded { get; set; }

    /// <summary>Whether its name is no longer its own: it goes when the last request has ended.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Completes when it is retired and gone.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
