using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>A generated reply.</summary>
/// <param name="Text">What was written.</param>
/// <param name="Ended">Whether the model ended its turn itself; otherwise the limit cut it off.</param>
/// <param name="Tokens">Its length, without the end of the turn.</param>
public readonly record struct GreedyReply(string Text, bool Ended, int Tokens);

/// <summary>The most probable reply to each of many prompts, several prompts in one batch: for exact-match figures.</summary>
public static class GreedyReplies
{
    /// <summary>Generates until the end of the turn or the limit.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="prompts">Token ids, each as serving would send them.</param>
    /// <param name="maxTokens">The most tokens in a reply.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>The replies, in the prompts' order.</returns>
    public static IReadOnlyList<GreedyReply> Generate(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<int[]> prompts, int maxTokens, int threads, CancellationToken cancellation) =>
    [
        .. ReplyWriting.Run(model, adapter, [.. prompts.Select(prompt => new ReplyTask(prompt, maxTokens))], threads, cancellation)
            .Select(replies => new GreedyReply(replies[0].Text, replies[0].Ended, replies[0].Tokens)),
    ];
}
