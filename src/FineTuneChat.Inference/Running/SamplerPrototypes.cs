using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Running;

/// <summary>The last few samplers that took long to make: most requests of a client use the same grammar. Thread-safe.</summary>
internal sealed class SamplerPrototypes : IDisposable
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();
    private readonly LinkedList<(object Key, SamplerPrototype Prototype)> _recent = []; // least recently used first

    /// <summary>Copies a prototype; it is made only where it is not known.</summary>
    /// <param name="key">Equal keys stand for equal prototypes.</param>
    /// <param name="make">Makes it. Requests do not wait for each other's.</param>
    /// <param name="copy">What to do with it.</param>
    public void Use(object key, Func<SamplerPrototype> make, Action<SamplerPrototype> copy)
    {
        if (TryUse(key, copy))
            return;
        SamplerPrototype made = make();
        copy(made);
        Keep(key, made);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach ((_, SamplerPrototype prototype) in _recent)
                prototype.Dispose();
            _recent.Clear();
        }
    }

    private bool TryUse(object key, Action<SamplerPrototype> copy)
    {
        lock (_gate)
        {
            for (LinkedListNode<(object Key, SamplerPrototype Prototype)>? node = _recent.Last; node is not null; node = node.Previous)
            {
                if (!node.Value.Key.Equals(key))
                    continue;
                _recent.Remove(node);
                _recent.AddLast(node);
                copy(node.Value.Prototype); // under the lock: nobody may dispose it meanwhile
                return true;
            }
        }

        return false;
    }

    private void Keep(object key, SamplerPrototype made)
    {
        lock (_gate)
        {
            _recent.AddLast((key, made)); // another request may have made the same: the older one goes when its turn comes
            if (_recent.Count <= Capacity)
                return;
            _recent.First!.Value.Prototype.Dispose();
            _recent.RemoveFirst();
        }
    }
}
