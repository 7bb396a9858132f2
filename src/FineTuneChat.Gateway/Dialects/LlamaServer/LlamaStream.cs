using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Dialects.LlamaServer;

/// <summary>A streamed text as llama-server's events: pieces, then one with the counts.</summary>
internal sealed class LlamaStream : IStreamShape, IDisposable
{
    private SseWriter _sse = null!;
    private string _model = "";
    private string? _finish;
    private Usage? _usage;
    private Timings? _timings;

    public void Begin(HttpResponse response) => _sse = new SseWriter(response);

    public void Write(ChatCompletionChunk chunk)
    {
        _model = chunk.Model;
        _usage = chunk.Usage.Value ?? _usage;
        _timings = chunk.Timings ?? _timings;
        _finish = chunk.Choices.FirstOrDefault()?.FinishReason ?? _finish;
        if (chunk.Choices.FirstOrDefault()?.Delta.Content is { Length: > 0 } text)
            _sse.Write(new() { Content = text, Model = _model, IsLast = false }, LlamaJson.Wire.LlamaCompletion);
    }

    public void WriteIdle() => _sse.WriteComment();

    public void End() => _sse.Write(Whole(_model, "", _finish, _usage, _timings), LlamaJson.Wire.LlamaCompletion);

    public void Fail(OpenAiException error) => _sse.Write(new OpenAiErrorBody(error.Error), OpenAiJson.Wire.OpenAiErrorBody);

    public void Dispose() => _sse?.Dispose();

    public static LlamaCompletion Whole(string model, string text, string? finish, Usage? usage, Timings? timings) => new()
    {
        Content = text,
        Model = model,
        IsLast = true,
        StopType = finish == FinishReasons.Length ? "limit" : "eos",
        TokensPredicted = usage?.CompletionTokens,
        TokensEvaluated = usage?.PromptTokens,
        TokensCached = usage?.PromptTokensDetails?.CachedTokens,
        IsTruncated = false,
        Timings = timings,
    };
}
