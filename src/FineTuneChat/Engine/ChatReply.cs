using System.Security.Cryptography;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>From the engine to the wire: the chunks of a streamed reply, or the whole one. Pure.</summary>
internal sealed class ChatReply(string model, DateTimeOffset created, bool includeUsage)
{
    private readonly string _id = "chatcmpl-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly long _created = created.ToUnixTimeSeconds();

    /// <summary>Whether the client asked for <see cref="Usage"/>.</summary>
    public bool IncludesUsage => includeUsage;

    /// <summary>Carries the role, and no text.</summary>
    public ChatCompletionChunk First() => Chunk(new() { Role = "assistant", Content = "" });

    public ChatCompletionChunk Piece(string text) => Chunk(new() { Content = text });

    /// <summary>Says why the reply ended, and how fast it was.</summary>
    public ChatCompletionChunk Last(GenerationSummary summary) => Chunk(new(), Reason(summary)) with { Timings = TimingsOf(summary) };

    /// <summary>Follows the last one when usage was asked for; without choices.</summary>
    public ChatCompletionChunk Usage(GenerationSummary summary) => Chunk(new()) with { Choices = [], Usage = StreamUsage.Of(UsageOf(summary)) };

    public ChatCompletion Whole(string text, GenerationSummary summary) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        SystemFingerprint = model,
        Choices = [new() { Index = 0, Message = new() { Content = text }, FinishReason = Reason(summary) }],
        Usage = UsageOf(summary),
        Timings = TimingsOf(summary),
    };

    private ChatCompletionChunk Chunk(ChunkDelta delta, string? finishReason = null) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        SystemFingerprint = model,
        Choices = [new() { Index = 0, Delta = delta, FinishReason = finishReason }],
        Usage = includeUsage ? StreamUsage.Pending : default,
    };

    private static string Reason(GenerationSummary summary) => summary.Reason == FinishReason.Stop ? FinishReasons.Stop : FinishReasons.Length;

    private static Usage UsageOf(GenerationSummary summary) => OpenAi.Usage.Of(summary.PromptTokens, summary.CachedTokens, summary.GeneratedTokens);

    private static Timings TimingsOf(GenerationSummary summary)
    {
        int computed = summary.PromptTokens - summary.CachedTokens;
        int followed = summary.GeneratedTokens - 1; // the first token belongs to the prompt's time
        return new()
        {
            CacheN = summary.CachedTokens,
            PromptN = computed,
            PromptMs = summary.PromptTime.TotalMilliseconds,
            PromptPerSecond = PerSecond(computed, summary.PromptTime),
            PredictedN = summary.GeneratedTokens,
            PredictedMs = summary.GenerationTime.TotalMilliseconds,
            PredictedPerSecond = PerSecond(followed, summary.GenerationTime),
        };
    }

    private static double PerSecond(int tokens, TimeSpan time) => time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
