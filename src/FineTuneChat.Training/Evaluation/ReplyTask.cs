using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>A prompt to be answered: once with the most probable tokens, and as often as there are samplers.</summary>
/// <param name="Prompt">Token ids, as serving would send them.</param>
/// <param name="MaxTokens">The most tokens in a reply.</param>
public sealed record ReplyTask(int[] Prompt, int MaxTokens)
{
    /// <summary>Makes the sampler of each further reply.</summary>
    public IReadOnlyList<Func<SamplerChain>> Samplers { get; init; } = [];
}

/// <summary>A generated reply.</summary>
/// <param name="Text">What was written.</param>
/// <param name="Ended">Whether the model ended its turn itself; otherwise the limit cut it off.</param>
/// <param name="Tokens">Its length, without the end of the turn.</param>
public readonly record struct WrittenReply(string Text, bool Ended, int Tokens);
