using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>A streamed reply as lines of JSON. A call of a tool is told when it is whole.</summary>
internal sealed class OllamaStream(OllamaReplies replies) : IStreamShape
{
    private readonly CallCollector _calls = new();
    private NdjsonWriter _lines = null!;
    private int _told; // calls
    private string? _id, _finish;
    private Usage? _usage;
    private Timings? _timings;

    public void Begin(HttpResponse response) => _lines = new NdjsonWriter(response);

    public void Write(ChatCompletionChunk chunk)
    {
        _id = chunk.Id;
        _usage = chunk.Usage.Value ?? _usage;
        _timings = chunk.Timings ?? _timings;
        if (chunk.Choices.Count == 0)
            return;
        ChunkDelta delta = chunk.Choices[0].Delta;
        _finish = chunk.Choices[0].FinishReason ?? _finish;
        if (delta.Content is { Length: > 0 } || delta.ReasoningContent is { Length: > 0 })
            _lines.Write(replies.Line(_id, delta.Content, delta.ReasoningContent), OllamaJson.Wire.OllamaReply);
        foreach (ToolCallDelta piece in delta.ToolCalls ?? [])
            if (_calls.Add(piece) is { } call)
                WriteCall(call);
    }

    public void WriteIdle()
    {
    }

    public void End()
    {
        if (_calls.Last is { } call)
            WriteCall(call);
        _lines.Write(replies.Last(replies.Line(_id, ""), _finish, _usage, _timings), OllamaJson.Wire.OllamaReply);
    }

    public void Fail(OpenAiException error) => _lines.Write(new OllamaErrorBody(error.Message), OllamaJson.Wire.OllamaErrorBody);

    private void WriteCall(ToolCall call) => _lines.Write(replies.Line(_id, "", calls: [OllamaReplies.Call(call, _told++)]), OllamaJson.Wire.OllamaReply);
}
