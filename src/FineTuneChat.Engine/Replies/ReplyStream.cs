using FineTuneChat.Inference;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Engine.Replies;

/// <summary>The order of a stream: each choice has a first chunk, texts and a last one; after the last of all come usage and the end.</summary>
internal sealed class ReplyStream(SseWriter sse, IReplyShape reply)
{
    private readonly bool[] _begun = new bool[reply.Choices];
    private readonly GenerationSummary?[] _summaries = new GenerationSummary?[reply.Choices];
    private int _open = reply.Choices;

    /// <summary>Null until all have ended.</summary>
    public ReplyTotals? Totals { get; private set; }

    public void Write(GenerationEvent next)
    {
        if (!_begun[next.Choice])
            reply.WriteFirst(sse, next.Choice);
        _begun[next.Choice] = true;
        if (next.Text.Length > 0 || next.Tokens is { Count: > 0 })
            reply.WriteText(sse, next);
        if (next.Summary is not { } summary)
            return;

        _summaries[next.Choice] = summary;
        Totals = --_open == 0 ? ReplyTotals.Of(_summaries!, reply) : null;
        reply.WriteLast(sse, next.Choice, summary, Totals);
        if (Totals is null)
            return;
        reply.WriteUsage(sse, Totals);
        sse.WriteDone();
    }
}
