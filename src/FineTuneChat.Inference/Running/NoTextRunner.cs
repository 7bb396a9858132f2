namespace FineTuneChat.Inference.Running;

/// <summary>In place of a runner for a model that writes no text: it takes no memory, and no request may come to it.</summary>
/// <param name="contextLength">Most tokens of a text.</param>
/// <param name="parallel">Replies at a time, of which there are none.</param>
public sealed class NoTextRunner(int contextLength, int parallel) : IModelRunner
{
    /// <inheritdoc/>
    public int CacheTokens => contextLength;

    /// <inheritdoc/>
    public int BatchSize => parallel;

    /// <inheritdoc/>
    public int MaxSequences => parallel;

    /// <inheritdoc/>
    public bool CanSharePrefixes => false;

    /// <inheritdoc/>
    public bool CanForgetLast => false;

    /// <inheritdoc/>
    public void Use(Adapter? adapter) => throw None();

    /// <inheritdoc/>
    public bool Decode(TokenBatch batch) => throw None();

    /// <inheritdoc/>
    public ITokenSampler CreateSampler(SamplingParameters parameters, IReadOnlyList<int> prompt) => throw None();

    /// <inheritdoc/>
    public ReadOnlySpan<float> LogitsOf(int row) => throw None();

    /// <inheritdoc/>
    public void SetThreads(int threads)
    {
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> PieceOf(int token) => throw None();

    /// <inheritdoc/>
    public bool EndsGeneration(int token) => throw None();

    /// <inheritdoc/>
    public void Share(int source, int target, int length) => throw None();

    /// <inheritdoc/>
    public void Forget(int sequence, int from = 0) => throw None();

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static InvalidOperationException None() => new("This model writes no text.");
}
