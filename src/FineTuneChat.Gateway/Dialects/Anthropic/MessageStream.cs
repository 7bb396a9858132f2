using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>A streamed reply as Anthropic's events: the message begins, its blocks come one after the other, the message ends.</summary>
internal sealed class MessageStream : IStreamShape, IDisposable
{
    private SseWriter _sse = null!;
    private bool _hasBegun;
    private string? _open; // the kind of the block that is being written
    private int _index = -1, _call = -1;
    private string? _finish;
    private Usage? _usage;

    public void Begin(HttpResponse response) => _sse = new SseWriter(response);

    public void Write(ChatCompletionChunk chunk)
    {
        if (!_hasBegun)
            WriteStart(chunk);
        _usage = chunk.Usage.Value ?? _usage;
        if (chunk.Choices.Count == 0)
            return;
        ChunkDelta delta = chunk.Choices[0].Delta;
        if (delta.ReasoningContent is { Length: > 0 } thinking)
        {
            Open("thinking", OutputBlock.OfThinking(""));
            Add(new() { Type = "thinking_delta", Thinking = thinking });
        }
        if (delta.Content is { Length: > 0 } text)
        {
            Open("text", OutputBlock.OfText(""));
            Add(new() { Type = "text_delta", Text = text });
        }
        foreach (ToolCallDelta call in delta.ToolCalls ?? [])
            WriteCall(call);
        _finish = chunk.Choices[0].FinishReason ?? _finish;
    }

    public void WriteIdle()
    {
        if (_hasBegun)
            Send(new() { Type = "ping" });
        else
            _sse.WriteComment();
    }

    public void End()
    {
        Close();
        var why = new MessageDelta { StopReason = MessageReply.Reason(_finish), StopSequence = ChatSwitches.Null };
        Send(new() { Type = "message_delta", Delta = why, Usage = MessageReply.Usage(_usage) });
        Send(new() { Type = "message_stop" });
    }

    public void Fail(OpenAiException error) => _sse.Write(AnthropicErrors.Of(error), AnthropicJson.Wire.AnthropicErrorBody, "error");

    public void Dispose() => _sse?.Dispose();

    private void WriteStart(ChatCompletionChunk chunk)
    {
        _hasBegun = true;
        Send(new()
        {
            Type = "message_start",
            Message = new()
            {
                Id = ReplyIds.In(ReplyIds.Message, chunk.Id),
                Model = chunk.Model,
                Content = [],
                StopReason = null,
                Usage = MessageReply.Usage(usage: null), // the counts come with the end
            },
        });
        Send(new() { Type = "ping" });
    }

    private void WriteCall(ToolCallDelta call)
    {
        if (call.Index != _call)
        {
            _call = call.Index;
            Close();
            Open("tool_use", OutputBlock.OfToolUse(call.Id, call.Function?.Name, ChatSwitches.Arguments("{}")));
        }
        if (call.Function?.Arguments is { Length: > 0 } json)
            Add(new() { Type = "input_json_delta", PartialJson = json });
    }

    private void Open(string kind, OutputBlock block)
    {
        if (_open == kind)
            return;
        Close();
        _open = kind;
        Send(new() { Type = "content_block_start", Index = ++_index, ContentBlock = block });
    }

    private void Close()
    {
        if (_open is null)
            return;
        if (_open == "thinking")
            Add(new() { Type = "signature_delta", Signature = "" });
        Send(new() { Type = "content_block_stop", Index = _index });
        _open = null;
    }

    private void Add(MessageDelta delta) => Send(new() { Type = "content_block_delta", Index = _index, Delta = delta });

    private void Send(MessageEvent value) => _sse.Write(value, AnthropicJson.Wire.MessageEvent, value.Type);
}
