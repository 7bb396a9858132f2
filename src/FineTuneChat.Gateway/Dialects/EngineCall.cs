using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>Asks an engine something whose answer a dialect needs itself; a refusal is thrown.</summary>
internal static class EngineCall
{
    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    /// <param name="http">The client, for whom the engine is asked.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="path">The engine's route.</param>
    /// <param name="body">JSON; null for a GET.</param>
    /// <exception cref="OpenAiException">What the engine answered instead, with its status.</exception>
    public static async Task<EngineAnswer> OpenAsync(HttpContext http, EngineLease lease, string path, byte[]? body)
    {
        EngineAnswer answer = await EngineAnswer.OpenAsync(http, lease, path, body);
        if (answer.Head.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw EngineAnswer.Refusal(answer.Head, (await answer.WholeAsync(http.RequestAborted)).Span);
    }

    /// <summary>The events of a streamed answer; null while nothing comes yet and the client should learn that somebody works.</summary>
    /// <param name="answer">The stream.</param>
    /// <param name="type">An event's JSON.</param>
    /// <param name="entry">Sees each part before anybody else; null: nothing is logged.</param>
    /// <param name="cancellation">The client's.</param>
    /// <exception cref="OpenAiException">An event tells of an error, or the stream ends too early.</exception>
    public static async IAsyncEnumerable<T?> EventsAsync<T>(
        EngineAnswer answer, JsonTypeInfo<T> type, LogEntry? entry, [EnumeratorCancellation] CancellationToken cancellation) where T : class
    {
        var events = new SseReader();
        await foreach (ReadOnlyMemory<byte> part in answer.PartsAsync(cancellation))
        {
            if (entry is not null)
                await entry.SeeAsync(part);
            bool isSilent = true;
            foreach (ReadOnlyMemory<byte> data in events.Read(part))
            {
                if (data.Span.SequenceEqual(Done))
                    yield break;
                isSilent = false;
                yield return Event(data.Span, type);
            }
            if (isSilent)
                yield return null;
        }
        throw OpenAiException.ServerError("The reply ended before it was complete. Send the request again.", "engine_failed");
    }

    private static T Event<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        if (json.StartsWith("{\"error\""u8))
            throw new OpenAiException(
                StatusCodes.Status500InternalServerError, JsonSerializer.Deserialize(json, OpenAiJson.Default.OpenAiErrorBody)!.Error);
        return JsonSerializer.Deserialize(json, type)!;
    }

    /// <summary>The whole answer.</summary>
    /// <exception cref="OpenAiException">What the engine answered instead, with its status.</exception>
    public static async Task<JsonElement> JsonAsync(HttpContext http, EngineLease lease, string path, byte[]? body)
    {
        using EngineAnswer answer = await OpenAsync(http, lease, path, body);
        return JsonElement.Parse((await answer.WholeAsync(http.RequestAborted)).Span);
    }

    /// <summary>Vectors of texts, and how many tokens those have.</summary>
    public static (JsonElement[] Vectors, int Tokens) VectorsOf(JsonElement list) => (
        [.. list.GetProperty("data").EnumerateArray().Select(vector => vector.GetProperty("embedding"))],
        list.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
}
