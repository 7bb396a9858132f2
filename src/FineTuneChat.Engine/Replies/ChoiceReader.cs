using FineTuneChat.Chat.Replies;
using FineTuneChat.Inference;

namespace FineTuneChat.Engine.Replies;

/// <summary>Takes one reply of a chat apart, and counts what belongs to its parts.</summary>
internal sealed class ChoiceReader(ReplyReader reader)
{
    /// <summary>Tokens up to the end of the reasoning, its tags included; 0 where there is none.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    public IReadOnlyList<ReplyPart> Read(GenerationEvent next)
    {
        bool reasoned = reader.IsReasoning;
        IReadOnlyList<ReplyPart> parts = reader.Read(next.Text);
        if (reasoned || reader.IsReasoning || parts.Any(part => part.Reasoning is not null))
            ReasoningTokens = next.Written;
        return Counted(parts);
    }

    /// <summary>Called when the reply has ended.</summary>
    public IReadOnlyList<ReplyPart> Finish(GenerationSummary summary) => Counted(reader.Finish(isCut: summary.Reason == FinishReason.Length));

    private IReadOnlyList<ReplyPart> Counted(IReadOnlyList<ReplyPart> parts)
    {
        Calls += parts.Count(part => part.Call is not null);
        return parts;
    }
}
