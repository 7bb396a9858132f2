using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Cli;

/// <summary>A conversation whose replies are written to standard output as they come.</summary>
internal sealed class TerminalChat(HttpClient client, string model, string? system)
{
    private readonly List<JsonObject> _messages = [];

    public void Clear() => _messages.Clear();

    /// <exception cref="UserException">The server refuses it; what was said is forgotten.</exception>
    public async Task SayAsync(string text, CancellationToken cancellation)
    {
        JsonObject question = Message("user", text);
        string reply = await AskAsync([.. _messages, question], cancellation);
        _messages.AddRange([question, Message("assistant", reply)]);
    }

    private async Task<string> AskAsync(IReadOnlyList<JsonObject> messages, CancellationToken cancellation)
    {
        JsonObject[] all = system is null ? [.. messages] : [Message("system", system), .. messages];
        var body = new JsonObject { ["model"] = model, ["stream"] = true, ["messages"] = new JsonArray([.. all.Select(m => m.DeepClone())]) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode)
            throw new UserException(MessageOf(await response.Content.ReadAsStringAsync(cancellation)));

        var reply = new StringBuilder();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancellation))
        {
            if (item.Data == "[DONE]")
                break;
            if (item.Data.StartsWith("""{"error":""", StringComparison.Ordinal))
                throw new UserException(MessageOf(item.Data));
            string? piece = JsonSerializer.Deserialize(item.Data, OpenAiJson.Default.ChatCompletionChunk)?.Choices.FirstOrDefault()?.Delta.Content;
            Console.Write(piece);
            reply.Append(piece);
        }
        Console.WriteLine();
        return reply.ToString();
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string MessageOf(string error)
    {
        try
        {
            return (string?)JsonNode.Parse(error)?["error"]?["message"] ?? error;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return error;
        }
    }
}
