using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>A request to an engine, in the words of a server elsewhere.</summary>
internal sealed record UpstreamRequest
{
    private const string ChatPath = "v1/chat/completions";
    private const int Beginning = 512; // characters of a text by which its continuations are known

    public required HttpMethod Method { get; init; }

    /// <summary>Without a leading slash.</summary>
    public required string Path { get; init; }
    public byte[]? Body { get; init; }

    /// <summary>The chat request; null: another route.</summary>
    public ChatCompletionRequest? Chat { get; init; }
    public bool IsStreamed { get; init; }

    /// <summary>The same for all turns of a conversation.</summary>
    public string Conversation { get; init; } = "";

    /// <param name="request">As an engine gets it.</param>
    /// <param name="model">The model's id there.</param>
    /// <param name="isVllm">Whether the server knows vLLM's own parameters.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="OpenAiException">400: it cannot be said there.</exception>
    public static async Task<UpstreamRequest> ReadAsync(HttpRequestMessage request, string model, bool isVllm, CancellationToken cancellation)
    {
        string path = request.RequestUri!.AbsolutePath.TrimStart('/');
        if (request.Content is null)
            return new() { Method = request.Method, Path = path };
        byte[] body = await request.Content.ReadAsByteArrayAsync(cancellation);
        string? scope = request.Headers.TryGetValues(EngineHeaders.CacheScope, out IEnumerable<string>? scopes) ? scopes.First() : null;
        return path == ChatPath ? OfChat(body, model, isVllm, scope) : OfText(request.Method, path, body, model);
    }

    private static UpstreamRequest OfChat(byte[] body, string model, bool isVllm, string? scope)
    {
        ChatCompletionRequest asked = ChatRequestReader.Read(body);
        if (asked.BegunReply is not null && !isVllm)
            throw UpstreamError.Lacks("way to go on with a reply that is begun", "messages");
        ChatCompletionRequest told = asked with
        {
            Model = model,

            // These are between the client and this server.
            Messages = [.. asked.Messages!.Select(m => m with { VectorStoreIds = null })],
            Store = null,
            Metadata = null,
            User = null,
            SafetyIdentifier = null,
            PromptCacheKey = null,
            ServiceTier = null,
            Unknown = isVllm ? OfVllm(asked, scope) : null,
        };
        return new()
        {
            Method = HttpMethod.Post,
            Path = ChatPath,
            Body = JsonSerializer.SerializeToUtf8Bytes(told, OpenAiJson.Wire.ChatCompletionRequest),
            Chat = asked,
            IsStreamed = asked.Stream == true,
            Conversation = string.Join('\n', Opening(asked.Messages!).Select(m => m.Content)),
        };
    }

    /// <summary>All up to the first thing that the user says.</summary>
    private static IEnumerable<RequestMessage> Opening(IReadOnlyList<RequestMessage> messages) =>
        messages.TakeWhile(m => m.Role != "user").Concat(messages.Where(m => m.Role == "user").Take(1));

    /// <summary>Holders of other keys do not share what is cached; a reply that is begun is gone on with.</summary>
    private static Dictionary<string, JsonElement>? OfVllm(ChatCompletionRequest asked, string? scope)
    {
        var own = new Dictionary<string, JsonElement>();
        if (scope is not null)
            own["cache_salt"] = Json(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(scope))));
        if (asked.BegunReply is not null)
            (own["continue_final_message"], own["add_generation_prompt"]) = (Json(true), Json(false));
        return own.Count > 0 ? own : null;

        static JsonElement Json(JsonNode value) => JsonElement.Parse(value.ToJsonString());
    }

    private static UpstreamRequest OfText(HttpMethod method, string path, byte[] body, string model)
    {
        JsonObject asked;
        try
        {
            asked = JsonNode.Parse(body) as JsonObject ?? throw OpenAiException.InvalidRequest("The body must be a JSON object.", code: null);
            asked["model"] = model;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw OpenAiException.InvalidRequest($"The body is not valid JSON: {e.Message}", code: "invalid_json");
        }
        string prompt = asked["prompt"]?.ToJsonString() ?? "";
        return new()
        {
            Method = method,
            Path = path,
            Body = Encoding.UTF8.GetBytes(asked.ToJsonString(RelaxedJson.Options)),
            IsStreamed = asked["stream"] is JsonValue stream && stream.GetValueKind() == JsonValueKind.True,
            Conversation = prompt.Length > Beginning ? prompt[..Beginning] : prompt,
        };
    }
}
