using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Support;

/// <summary>The <c>data:</c> lines of a streamed reply.</summary>
internal static class SseReader
{
    public static async IAsyncEnumerable<string> DataAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                yield return line["data: ".Length..];
    }

    /// <summary>All chunks up to <c>[DONE]</c>, which must come.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ChunksAsync(HttpResponseMessage response)
    {
        var chunks = new List<JsonNode>();
        await foreach (string data in DataAsync(response))
        {
            if (data == "[DONE]")
                return chunks;
            chunks.Add(JsonNode.Parse(data)!);
        }
        throw new InvalidOperationException($"The stream ended without [DONE] after {chunks.Count} chunks: {chunks.LastOrDefault()?.ToJsonString()}");
    }
}
