namespace FineTuneChat.Training.Runs;

/// <summary>A run passes this gate between micro-batches; closed, it makes the run wait while others need the cores.</summary>
public sealed class PauseGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);

    /// <summary>Closes the gate: the run waits after the micro-batch in progress.</summary>
    public void Pause() => _open.Reset();

    /// <summary>Opens the gate.</summary>
    public void Resume() => _open.Set();

    /// <summary>Goes on at once, or when the gate opens.</summary>
    /// <param name="cancellation">Ends the wait, and the run.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Pass(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _open.Wait(cancellation);
    }

    /// <summary>Frees the gate; nobody may wait at it.</summary>
    public void Dispose() => _open.Dispose();
}
