using System.Runtime.CompilerServices;
using System.Text.Json;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>
/// A chat request on the one way to a model, for dialects that write request and reply in their own words: checked, queued, cached and logged as every
/// other. A dialect translates to <see cref="ChatCompletionRequest"/> and back; errors are thrown, and leave in the shape of the route.
/// </summary>
internal sealed class DialectChat(ChatTurns turns)
{
    /// <summary>The whole reply.</summary>
    /// <exception cref="OpenAiException">The request was refused, or the reply could not be written or logged.</exception>
    public async Task<ChatCompletion> CompleteAsync(HttpContext http, ChatCompletionRequest request)
    {
        await using ChatTurn turn = await turns.BeginAsync(http, request);
        using EngineAnswer answer = await AskAsync(http, turn, request);
        ReadOnlyMemory<byte> whole = await answer.WholeAsync(http.RequestAborted);
        await turn.Entry.SeeAsync(whole);
        return JsonSerializer.Deserialize(turn.Retrieved.Mark(whole).Span, OpenAiJson.Default.ChatCompletion)!;
    }

    /// <summary>The reply in chunks, as they are written; null while nothing comes yet and the client should learn that somebody works.</summary>
    /// <exception cref="OpenAiException">Before the first chunk: the request was refused. Later: the reply cannot be ended.</exception>
    public async IAsyncEnumerable<ChatCompletionChunk?> StreamAsync(
        HttpContext http, ChatCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        request = request with { Stream = true, StreamOptions = new() { IncludeUsage = true } };
        await using ChatTurn turn = await turns.BeginAsync(http, request);
        using EngineAnswer answer = await AskAsync(http, turn, request);
        bool isFirst = true;
        await foreach (ChatCompletionChunk? chunk in EngineCall.EventsAsync(answer, OpenAiJson.Default.ChatCompletionChunk, turn.Entry, cancellation))
        {
            yield return isFirst && chunk is not null ? chunk with { Sources = turn.Retrieved.Sources } : chunk;
            isFirst = isFirst && chunk is null;
        }
    }

    private static async Task<EngineAnswer> AskAsync(HttpContext http, ChatTurn turn, ChatCompletionRequest request) => await EngineCall.OpenAsync(
        http, turn.Lease, ChatCompletionsApi.Path,
        await turn.CompleteAsync(JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest)));
}
