using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>Writes what an engine says as Ollama does: as messages of a chat, or as responses of <c>/api/generate</c>.</summary>
/// <param name="model">The name that the client asked for.</param>
/// <param name="isChat">Whether it is a chat.</param>
/// <param name="time">When each line was made, and how long all took.</param>
internal sealed class OllamaReplies(string model, bool isChat, TimeProvider time)
{
    private readonly long _clock = time.GetTimestamp();

    /// <summary>A line of a stream.</summary>
    public OllamaReply Line(string? id, string? text, string? thinking = null, IReadOnlyList<OllamaToolCall>? calls = null) => new()
    {
        Model = model,
        CreatedAt = time.GetUtcNow().UtcDateTime,
        Id = id,
        Message = isChat ? new() { Content = text ?? "", Thinking = thinking, ToolCalls = calls } : null,
        Response = isChat ? null : text ?? "",
        Thinking = isChat ? null : thinking,
        IsDone = false,
    };

    /// <summary>The last line, or the whole reply.</summary>
    public OllamaReply Last(OllamaReply line, string? finish, Usage? usage, Timings? timings)
    {
        TimeSpan total = time.GetElapsedTime(_clock), prompt = Milliseconds(timings?.PromptMs), written = Milliseconds(timings?.PredictedMs);
        TimeSpan before = total - prompt - written;
        return line with
        {
            IsDone = true,
            DoneReason = finish == FinishReasons.Length ? "length" : "stop",
            TotalDuration = (long)total.TotalNanoseconds,
            LoadDuration = (long)Math.Max(0, before.TotalNanoseconds),
            PromptEvalCount = usage?.PromptTokens,
            PromptEvalDuration = (long)prompt.TotalNanoseconds,
            EvalCount = usage?.CompletionTokens,
            EvalDuration = (long)written.TotalNanoseconds,
        };
    }

    public OllamaReply Whole(ChatCompletion reply)
    {
        ResponseMessage message = reply.Choices[0].Message;
        OllamaToolCall[]? calls = message.ToolCalls is { } given ? [.. given.Select(Call)] : null;
        return Last(Line(reply.Id, message.Content, message.ReasoningContent, calls), reply.Choices[0].FinishReason, reply.Usage, reply.Timings);
    }

    /// <summary>The answer to a request for nothing but that the model be loaded.</summary>
    public OllamaReply Loaded() => Line(id: null, text: null) with { IsDone = true, DoneReason = "load" };

    public static OllamaToolCall Call(ToolCall call, int index) => new()
    {
        Id = call.Id,
        Function = new() { Index = index, Name = call.Function?.Name, Arguments = ChatSwitches.Arguments(call.Function?.Arguments) },
    };

    private static TimeSpan Milliseconds(double? ms) => TimeSpan.FromMilliseconds(ms ?? 0);
}
