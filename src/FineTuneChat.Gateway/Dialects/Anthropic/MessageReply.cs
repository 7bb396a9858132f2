using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>From the engine's reply to Anthropic's.</summary>
internal static class MessageReply
{
    public static Message ToMessage(ChatCompletion reply)
    {
        ChatChoice choice = reply.Choices[0];
        return new()
        {
            Id = ReplyIds.In(ReplyIds.Message, reply.Id),
            Model = reply.Model,
            Content = [.. Blocks(choice.Message)],
            StopReason = Reason(choice.FinishReason),
            Usage = Usage(reply.Usage),
        };
    }

    public static string Reason(string? finish) => finish switch
    {
        FinishReasons.ToolCalls => StopReasons.ToolUse,
        FinishReasons.Length => StopReasons.MaxTokens,
        _ => StopReasons.EndTurn,
    };

    public static MessageUsage Usage(Usage? usage)
    {
        int cached = usage?.PromptTokensDetails?.CachedTokens ?? 0;
        return new() { InputTokens = (usage?.PromptTokens ?? 0) - cached, CacheReadInputTokens = cached, OutputTokens = usage?.CompletionTokens ?? 0 };
    }

    private static IEnumerable<OutputBlock> Blocks(ResponseMessage message)
    {
        if (message.ReasoningContent is { Length: > 0 } thinking)
            yield return OutputBlock.OfThinking(thinking);
        if (message.Content is { Length: > 0 } text)
            yield return OutputBlock.OfText(text);
        foreach (ToolCall call in message.ToolCalls ?? [])
            yield return OutputBlock.OfToolUse(call.Id, call.Function?.Name, ChatSwitches.Arguments(call.Function?.Arguments));
    }
}
