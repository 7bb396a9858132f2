using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>One that asks again as soon as it has its reply, and notes whatever a swap could spoil.</summary>
/// <param name="server">Who answers.</param>
/// <param name="number">Its own, so that no two ask the same.</param>
/// <param name="replies">Where they go.</param>
internal sealed class SwapClient(ServerProcess server, int number, ConcurrentBag<SwapReply> replies)
{
    private const int Tokens = 24;
    private const string Data = "data: ", Done = "data: [DONE]";

    public async Task ChatAsync(CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var reply = new SwapReply(Stopwatch.GetTimestamp());
            try
            {
                await StreamAsync($"Client {number} asks for the {turn}th time.", reply);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                reply.Fault = e.Message;
            }
            replies.Add(reply);
        }
    }

    private async Task StreamAsync(string question, SwapReply reply)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "assistant",
                stream = true,
                max_tokens = Tokens,
                ignore_eos = true,
                messages = new[] { new { role = "user", content = question } },
            }),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        reply.Fault = response.IsSuccessStatusCode ? "the stream ended without [DONE]" : await reader.ReadToEndAsync();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == Done)
                reply.Fault = null;
            else if (line.StartsWith(Data, StringComparison.Ordinal))
                Read(line[Data.Length..], reply);
        }
    }

    private static void Read(string line, SwapReply reply)
    {
        JsonElement chunk = JsonElement.Parse(line);
        if (chunk.TryGetProperty("error", out _))
            throw new JsonException(line);
        reply.Id = chunk.GetProperty("id").GetString();
        reply.Models.Add(chunk.GetProperty("model").GetString()!);
        if (reply.FirstToken == 0
            && chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement text)
            && text.GetString() is { Length: > 0 })
            reply.FirstToken = Stopwatch.GetElapsedTime(reply.Asked).TotalMilliseconds;
    }
}

/// <summary>What a client saw of a reply.</summary>
/// <param name="asked">When, in readings of <see cref="Stopwatch"/>.</param>
internal sealed class SwapReply(long asked)
{
    public long Asked => asked;
    public string? Id { get; set; }

    /// <summary>Milliseconds from the request on.</summary>
    public double FirstToken { get; set; }

    /// <summary>Named in its chunks: one, unless versions were mixed.</summary>
    public HashSet<string> Models { get; } = [];

    /// <summary>Null for a whole one.</summary>
    public string? Fault { get; set; }
}
