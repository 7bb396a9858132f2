using System.Runtime.CompilerServices;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>
/// A request that a text go on, without a chat template, as <c>/v1/completions</c> has it; told like a chat's reply, so that a dialect writes both in one
/// way. Not logged, since the answers cannot be rated.
/// </summary>
internal sealed class DialectText(EngineRouter engines)
{
    public const string Path = "/v1/completions";

    /// <summary>The whole text.</summary>
    /// <exception cref="OpenAiException">The request was refused.</exception>
    public async Task<ChatCompletion> CompleteAsync(HttpContext http, TextCompletionRequest request)
    {
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        using EngineAnswer answer = await EngineCall.OpenAsync(http, lease, Path, Body(request));
        TextCompletion text = JsonSerializer.Deserialize((await answer.WholeAsync(http.RequestAborted)).Span, OpenAiJson.Default.TextCompletion)!;
        return new()
        {
            Id = text.Id,
            Created = text.Created,
            Model = text.Model,
            Choices = [.. text.Choices.Select(c => new ChatChoice { Index = c.Index, Message = new() { Content = c.Text }, FinishReason = c.FinishReason })],
            Usage = text.Usage.Value,
            Timings = text.Timings,
        };
    }

    /// <summary>The text in chunks; null while nothing comes yet.</summary>
    /// <exception cref="OpenAiException">Before the first chunk: the request was refused. Later: the text cannot be ended.</exception>
    public async IAsyncEnumerable<ChatCompletionChunk?> StreamAsync(
        HttpContext http, TextCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        request = request with { Stream = true, StreamOptions = new() { IncludeUsage = true } };
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        using EngineAnswer answer = await EngineCall.OpenAsync(http, lease, Path, Body(request));
        await foreach (TextCompletion? text in EngineCall.EventsAsync(answer, OpenAiJson.Default.TextCompletion, entry: null, cancellation))
            yield return text is null ? null : Chunk(text);
    }

    private static ChatCompletionChunk Chunk(TextCompletion text) => new()
    {
        Id = text.Id,
        Created = text.Created,
        Model = text.Model,
        Choices = [.. text.Choices.Select(c => new ChunkChoice { Index = c.Index, Delta = new() { Content = c.Text }, FinishReason = c.FinishReason })],
        Usage = text.Usage,
        Timings = text.Timings,
    };

    private static byte[] Body(TextCompletionRequest request) => JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.TextCompletionRequest);
}
