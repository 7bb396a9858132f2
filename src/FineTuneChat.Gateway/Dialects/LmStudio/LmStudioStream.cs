using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Dialects.LmStudio;

/// <summary>A streamed reply in OpenAI's chunks, the last of which says how fast it was.</summary>
/// <param name="models">Who knows what is added.</param>
/// <param name="tellsUsage">Whether the client asked for the usage.</param>
internal sealed class LmStudioStream(LmStudioModels models, bool tellsUsage) : IStreamShape, IDisposable
{
    private SseWriter _sse = null!;

    public void Begin(HttpResponse response) => _sse = new SseWriter(response);

    public void Write(ChatCompletionChunk chunk)
    {
        if (chunk.Choices.Count == 0 && !tellsUsage)
            return;
        ChatCompletionChunk told = tellsUsage ? chunk : chunk with { Usage = default };
        if (chunk.Timings is null)
        {
            _sse.Write(told, OpenAiJson.Wire.ChatCompletionChunk);
            return;
        }
        JsonObject last = JsonSerializer.SerializeToNode(told, OpenAiJson.Wire.ChatCompletionChunk)!.AsObject();
        models.Complete(last, chunk.Model, chunk.Choices.FirstOrDefault()?.FinishReason, chunk.Timings);
        _sse.Write(last, LmStudioJson.Wire.JsonObject);
    }

    public void WriteIdle() => _sse.WriteComment();

    public void End() => _sse.WriteDone();

    public void Fail(OpenAiException error) => _sse.Write(new OpenAiErrorBody(error.Error), OpenAiJson.Wire.OpenAiErrorBody);

    public void Dispose() => _sse?.Dispose();
}
