using FineTuneChat.Inference.Speculation;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Replies;

/// <summary>What all replies of a request took together. A prompt counts once, however many replies share it.</summary>
internal sealed record ReplyTotals(int PromptTokens, int CachedTokens, int GeneratedTokens, TimeSpan PromptTime, TimeSpan GenerationTime, DraftCounts Drafts)
{
    /// <param name="summaries">By choice.</param>
    /// <param name="reply">How many share a prompt.</param>
    public static ReplyTotals Of(IReadOnlyList<GenerationSummary> summaries, IReplyShape reply)
    {
        int choicesPerPrompt = reply.Choices / reply.Prompts;
        GenerationSummary[] first = [.. summaries.Where((_, choice) => choice % choicesPerPrompt == 0)];
        return new(
            first.Sum(s => s.PromptTokens),
            first.Sum(s => s.CachedTokens),
            summaries.Sum(s => s.GeneratedTokens),
            first.Max(s => s.PromptTime),
            summaries.Max(s => s.GenerationTime),
            summaries.Aggregate(default(DraftCounts), (sum, s) => sum + s.Drafts));
    }

    /// <param name="reasoningTokens">How many of the generated tokens are reasoning.</param>
    public Usage ToUsage(int reasoningTokens = 0) => Usage.Of(PromptTokens, CachedTokens, GeneratedTokens, new()
    {
        ReasoningTokens = reasoningTokens,
        AcceptedPredictionTokens = Drafts.PredictedAccepted,
        RejectedPredictionTokens = Drafts.Predicted - Drafts.PredictedAccepted,
    });

    /// <summary>llama-server's block. The first token belongs to the prompt's time.</summary>
    /// <param name="choices">Number of replies, each with a first token.</param>
    public Timings ToTimings(int choices)
    {
        int computed = PromptTokens - CachedTokens;
        return new()
        {
            CacheN = CachedTokens,
            PromptN = computed,
            PromptMs = PromptTime.TotalMilliseconds,
            PromptPerSecond = PerSecond(computed, PromptTime),
            PredictedN = GeneratedTokens,
            PredictedMs = GenerationTime.TotalMilliseconds,
            PredictedPerSecond = PerSecond(GeneratedTokens - choices, GenerationTime),
            DraftN = Drafts.Drafted > 0 ? Drafts.Drafted : null,
            DraftNAccepted = Drafts.Drafted > 0 ? Drafts.Accepted : null,
        };
    }

    private static double PerSecond(int tokens, TimeSpan time) => time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
