namespace FineTuneChat.Native.Ggml;

/// <summary>Where tensors lie for a backend: on the processor where they are, for a device as copies in its memory. See <see cref="Backend.Place"/>.</summary>
public class Placement : IDisposable
{
    private protected Placement()
    {
    }

    /// <summary>For a backend that computes in the host's memory.</summary>
    internal static Placement WhereTheyAre { get; } = new();

    /// <summary>The tensor as the backend computes with it.</summary>
    /// <param name="host">One of those that were placed.</param>
    public virtual Tensor this[Tensor host] => host;

    /// <summary>Takes over what has changed on the host.</summary>
    /// <param name="host">One of the variables.</param>
    public virtual void Send(Tensor host)
    {
    }

    /// <summary>Takes back what graphs have changed.</summary>
    /// <param name="host">One of the variables.</param>
    public virtual void Fetch(Tensor host)
    {
    }

    /// <summary>Frees the copies.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the copies.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
