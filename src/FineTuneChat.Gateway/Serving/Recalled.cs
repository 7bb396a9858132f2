using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Corrections that are put before the last question of a request, where the prefix cache still holds all that stands before them.</summary>
/// <param name="Ids">The examples.</param>
/// <param name="Turns">Question and reply of each.</param>
internal sealed record Recalled(IReadOnlyList<string> Ids, IReadOnlyList<RequestMessage> Turns)
{
    /// <summary>Names them in every answer, also in a streamed one.</summary>
    public const string Header = "X-Recalled";

    public static Recalled Nothing { get; } = new([], []);

    /// <summary>The request as the engine is to see it. What is logged, and learned from, is the client's own.</summary>
    public byte[] PutInto(byte[] body)
    {
        if (Ids.Count == 0)
            return body;
        JsonNode request = JsonNode.Parse(body)!;
        JsonArray messages = request["messages"]!.AsArray();
        foreach (RequestMessage turn in Turns)
            messages.Insert(messages.Count - 1, JsonSerializer.SerializeToNode(turn, OpenAiJson.Wire.RequestMessage));
        return Encoding.UTF8.GetBytes(request.ToJsonString(RelaxedJson.Options));
    }

    /// <summary>A whole reply that names what was recalled for it.</summary>
    public ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> reply)
    {
        int end = reply.Span.LastIndexOf((byte)'}');
        if (Ids.Count == 0 || end < 0)
            return reply;
        byte[] mark = Encoding.UTF8.GetBytes($",\"recalled\":[{string.Join(',', Ids.Select(id => $"\"{id}\""))}]}}");
        return (byte[])[.. reply.Span[..end], .. mark];
    }
}

/// <summary>Knows what was said of earlier replies: implemented where corrections are kept.</summary>
internal interface IRecall
{
    /// <summary>The corrections for a request; none where it is not the assistant that answers, or where a form, functions or secrecy are asked for.</summary>
    /// <param name="request">Of the client.</param>
    /// <param name="caller">Who sees the own corrections only.</param>
    /// <param name="engine">That answers.</param>
    /// <param name="cancellation">The client has left.</param>
    Task<Recalled> ForAsync(ChatCompletionRequest request, Caller caller, EngineSpecification engine, CancellationToken cancellation);
}
