using FineTuneChat.Inference;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Engine.Replies;

/// <summary>What the replies of an endpoint look like on the wire, streamed and whole. A choice is one reply of the request.</summary>
internal interface IReplyShape
{
    /// <summary>What is done, by the name that OpenTelemetry has for it.</summary>
    string Operation { get; }

    /// <summary>The model's name in the reply.</summary>
    string Model { get; }

    /// <summary>The parameter that holds the prompt.</summary>
    string PromptName { get; }

    /// <summary>Replies that the request asks for.</summary>
    int Choices { get; }

    /// <summary>Prompts of the request; the choices of each follow each other.</summary>
    int Prompts { get; }

    /// <summary>Before the first text of a choice.</summary>
    void WriteFirst(SseWriter sse, int choice);

    void WriteText(SseWriter sse, GenerationEvent next);

    /// <summary>Says why a choice ended.</summary>
    /// <param name="sse">The stream.</param>
    /// <param name="choice">Which one.</param>
    /// <param name="summary">How it ended.</param>
    /// <param name="totals">In the last of all choices: what the request took.</param>
    void WriteLast(SseWriter sse, int choice, GenerationSummary summary, ReplyTotals? totals);

    /// <summary>After the last choice, where the client asks for it.</summary>
    void WriteUsage(SseWriter sse, ReplyTotals totals);

    Task WriteWholeAsync(HttpResponse response, IReadOnlyList<WrittenChoice> choices, ReplyTotals totals, CancellationToken cancellation);
}
