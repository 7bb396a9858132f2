namespace FineTuneChat.Gateway.Embedding;

/// <summary>The vector of a question while a chat waits for it: soon, or not at all. An embedder that hangs is left alone for a while.</summary>
internal sealed class QuestionEmbedder(ITextEmbedder embedder, EmbedderProcess process, EmbeddingSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);
    private long _restsUntil; // ticks

    public async Task<float[]?> EmbedAsync(string question, CancellationToken cancellation)
    {
        if (!process.IsReady)
        {
            process.Warm(); // for the next question
            return null;
        }
        if (time.GetUtcNow().Ticks < Interlocked.Read(ref _restsUntil))
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.QuestionMilliseconds);
        try
        {
            return (await embedder.EmbedAsync([question], limit.Token))?[0];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _restsUntil, (time.GetUtcNow() + Rest).Ticks);
            return null;
        }
    }
}
