using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// A reply from elsewhere, as an engine would give it: under this server's name of the model and an id that is given here, so that it can be stored and
/// rated whatever the far side calls it. What has not the shape of a reply is not passed on.
/// </summary>
/// <param name="asked">What it answers.</param>
/// <param name="alias">The model's name here.</param>
/// <param name="time">For replies without a date.</param>
internal sealed class UpstreamReply(UpstreamRequest asked, string alias, TimeProvider time)
{
    private const string Choices = "choices", Usage = "usage";
    private static readonly string[] Finishes =
        [FinishReasons.Stop, FinishReasons.Length, FinishReasons.ToolCalls, FinishReasons.FunctionCall, "content_filter"];
    private static readonly string[] Counts = ["prompt_tokens", "completion_tokens", "total_tokens"];
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether a stream has said how it ends.</summary>
    public bool IsFinished { get; private set; }

    /// <exception cref="ReplicaException">It is no such reply.</exception>
    public byte[] Whole(byte[] json) => Read(json, reply =>
    {
        if (asked.Chat is null)
            return Named(reply);
        Complete(reply, "message");
        ChatCompletion whole = reply.Deserialize(OpenAiJson.Default.ChatCompletion)!;
        if (whole.Choices.Count == 0)
            throw new JsonException();
        return JsonSerializer.SerializeToUtf8Bytes(
            whole with { Object = "chat.completion", SystemFingerprint = alias, Metadata = asked.Chat.Metadata }, OpenAiJson.Wire.ChatCompletion);
    });

    /// <summary>An event of a stream, with its frame.</summary>
    /// <exception cref="ReplicaException">It is none.</exception>
    public byte[] Event(ReadOnlyMemory<byte> json) => [.. "data: "u8, .. Read(json, reply =>
    {
        IsFinished |= (reply[Choices] as JsonArray)?.Any(choice => choice?["finish_reason"] is not null) == true;
        if (asked.Chat is null)
            return Named(reply);
        Complete(reply, "delta");
        ChatCompletionChunk chunk = reply.Deserialize(OpenAiJson.Default.ChatCompletionChunk)!;
        return JsonSerializer.SerializeToUtf8Bytes(
            chunk with { Object = "chat.completion.chunk", SystemFingerprint = alias }, OpenAiJson.Wire.ChatCompletionChunk);
    }), .. "\n\n"u8];

    private static byte[] Read(ReadOnlyMemory<byte> json, Func<JsonObject, byte[]> convert)
    {
        try
        {
            return convert(JsonNode.Parse(json.Span) as JsonObject ?? throw new JsonException());
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException or NotSupportedException)
        {
            throw UpstreamError.Nonsense("what is no reply");
        }
    }

    /// <summary>Of other routes only the name is ours.</summary>
    private byte[] Named(JsonObject reply)
    {
        if (reply.ContainsKey("model"))
            reply["model"] = alias;
        return Encoding.UTF8.GetBytes(reply.ToJsonString(RelaxedJson.Options));
    }

    /// <summary>Servers leave out what they think needless; clients count on it.</summary>
    private void Complete(JsonObject reply, string text)
    {
        (reply["id"], reply["model"]) = (_id, alias);
        reply["created"] = _created;
        reply.Remove("service_tier");
        reply.Remove("metadata");
        if (reply[Usage] is JsonObject usage && !Counts.All(usage.ContainsKey))
            reply.Remove(Usage);
        JsonArray choices = reply[Choices] as JsonArray ?? throw new JsonException();
        for (int i = 0; i < choices.Count; i++)
        {
            JsonObject choice = choices[i] as JsonObject ?? throw new JsonException();
            choice["index"] ??= i;
            string? finish = (string?)choice["finish_reason"];
            choice["finish_reason"] = finish is null or "" ? null : Finishes.Contains(finish) ? finish : FinishReasons.Stop; // "eos", "abort", …
            JsonObject said = choice[text] as JsonObject ?? throw new JsonException();
            if (text == "message" && !said.ContainsKey("content"))
                said["content"] = null;
            if (!said.ContainsKey("reasoning_content") && said["reasoning"] is JsonValue thought)
                said["reasoning_content"] = thought.DeepClone(); // vLLM's newer name
            foreach (JsonObject token in Tokens(choice["logprobs"]?["content"]))
                token.TryAdd("bytes", null);
        }
    }

    private static IEnumerable<JsonObject> Tokens(JsonNode? list) =>
        list is JsonArray tokens ? tokens.OfType<JsonObject>().SelectMany(t => Tokens(t["top_logprobs"]).Prepend(t)) : [];
}
