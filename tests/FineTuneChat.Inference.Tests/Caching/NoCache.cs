using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference.Tests.Caching;

/// <summary>Remembers what it was asked to do.</summary>
internal sealed class NoCache : IKeyValueCache
{
    public List<string> Calls { get; } = [];

    public void Share(int source, int target, int length) => Calls.Add($"share {length} of {source} with {target}");

    public void Forget(int sequence, int from = 0) => Calls.Add(from == 0 ? $"forget {sequence}" : $"forget {sequence} from {from}");
}
