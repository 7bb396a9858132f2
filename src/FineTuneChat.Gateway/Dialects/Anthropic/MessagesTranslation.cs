using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>From Anthropic's request to the one that engines know.</summary>
internal static class MessagesTranslation
{
    private const string Between = "\n\n"; // blocks

    /// <exception cref="OpenAiException">400: something cannot be done here, or is not whole.</exception>
    public static ChatCompletionRequest ToChat(MessagesRequest request)
    {
        if (request.Messages is not { Count: > 0 } messages)
            throw OpenAiException.InvalidRequest("'messages' must hold at least one message.", "messages");
        MessagesToolChoice? choice = request.ToolChoice;
        JsonElement? tools = Tools(request.Tools);
        return new()
        {
            Model = request.Model,
            Messages = GoingOn([.. System(request.System), .. messages.SelectMany(Messages)]),
            MaxCompletionTokens = request.MaxTokens,
            Stop = request.StopSequences,
            Stream = request.Stream,
            Temperature = request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            Tools = tools,
            ToolChoice = choice is null || tools is null ? null : Choice(choice),
            ParallelToolCalls = tools is null || choice?.DisableParallelToolUse is not { } isDisabled ? null : !isDisabled,
            ChatTemplateKwargs = ChatSwitches.Thinking(request.Thinking?.Type is { } type ? type != "disabled" : null),
            ResponseFormat = request.OutputConfig?.Format is { } format ? ChatSwitches.Schema("output", format.Schema) : null,
        };
    }

    /// <summary>A reply that was begun is gone on with.</summary>
    private static RequestMessage[] GoingOn(RequestMessage[] messages)
    {
        if (messages is [.., { Role: "assistant", ToolCalls: null } last])
            messages[^1] = last with { Prefix = true };
        return messages;
    }

    private static IEnumerable<RequestMessage> System(IReadOnlyList<InputBlock>? system)
    {
        if (system is { Count: > 0 })
            yield return new() { Role = "system", Content = Text(system, "system") };
    }

    /// <summary>A turn of the user may be results of tools and a text: each result is a message of its own, and they come first.</summary>
    private static IEnumerable<RequestMessage> Messages(InputMessage message, int index)
    {
        string at = $"messages[{index}]";
        IReadOnlyList<InputBlock> blocks = message?.Content ?? throw OpenAiException.InvalidRequest($"'{at}.content' is missing.", $"{at}.content");
        if (message.Role == "assistant")
        {
            yield return Reply(blocks, at);
            yield break;
        }
        foreach (InputBlock result in blocks.Where(b => b?.Type == "tool_result"))
            yield return new() { Role = "tool", ToolCallId = result.ToolUseId, Content = Text(result.Content ?? [], at) };
        InputBlock[] texts = [.. blocks.Where(b => b?.Type != "tool_result")];
        if (texts.Length > 0 || blocks.Count == 0)
            yield return new() { Role = message.Role, Content = Text(texts, at) };
    }

    private static RequestMessage Reply(IReadOnlyList<InputBlock> blocks, string at)
    {
        InputBlock[] calls = [.. blocks.Where(b => b?.Type == "tool_use")];
        string thinking = string.Concat(blocks.Where(b => b?.Type == "thinking").Select(b => b.Thinking));
        string text = Text([.. blocks.Where(b => b?.Type is not ("tool_use" or "thinking" or "redacted_thinking"))], at);
        return new()
        {
            Role = "assistant",
            Content = text.Length == 0 && calls.Length > 0 ? null : text,
            ReasoningContent = thinking.Length > 0 ? thinking : null,
            ToolCalls = calls.Length == 0
                ? null
                : [.. calls.Select(c => new ToolCall
                {
                    Id = c.Id,
                    Type = "function",
                    Function = new() { Name = c.Name, Arguments = c.Input?.GetRawText() ?? "{}" },
                })],
        };
    }

    /// <summary>Blocks that only Anthropic's own tools write are left out; what a user would miss is refused.</summary>
    private static string Text(IReadOnlyList<InputBlock> blocks, string at) => string.Join(Between, blocks.Select((block, i) => block switch
    {
        { Type: "text", Text: { } text } => text,
        { Type: "document", Source: { Type: "text", Data: { } text } } => text,
        { Type: "image" or "document" } => throw OpenAiException.InvalidRequest(
            $"'{at}' has a block of type '{block.Type}'. This server's models read text only; leave it out, or send its text.", at, "unsupported_value"),
        { Type: not (null or "text") } => null,
        _ => throw OpenAiException.InvalidRequest($"Block {i} of '{at}' must have a type, and of type text a text.", at),
    }).Where(text => text is not null));

    private static JsonElement? Tools(IReadOnlyList<MessagesTool>? tools)
    {
        MessagesTool[] own = [.. (tools ?? []).Where(t => t?.Type is null or "custom")];
        return own.Length == 0 ? null : ChatSwitches.Tools(own.Select(t => ChatSwitches.Tool(t?.Name, t?.Description, t?.InputSchema, t?.Strict)));
    }

    private static JsonElement Choice(MessagesToolChoice choice) => choice.Type switch
    {
        "auto" or "none" => ChatSwitches.Choice(choice.Type),
        "any" => ChatSwitches.Choice("required"),
        "tool" => ChatSwitches.ChoiceOf(choice.Name),
        _ => throw OpenAiException.InvalidRequest($"'tool_choice.type' is '{choice.Type}'; allowed: auto, any, tool, none.", "tool_choice.type"),
    };
}
