using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Passages of documents that are put before the last question of a request, or the note that there are none.</summary>
/// <param name="Sources">The passages; empty: the documents hold nothing about the question. Null: no documents were asked.</param>
/// <param name="Preface">What stands before the question.</param>
internal sealed record Retrieved(IReadOnlyList<DocumentSource>? Sources, string Preface)
{
    public static Retrieved Nothing { get; } = new(null, "");

    /// <summary>The request as the engine is to see it. What is logged, and learned from, is the client's own.</summary>
    public byte[] PutInto(byte[] body)
    {
        if (Sources is null)
            return body;
        JsonObject request = JsonNode.Parse(body)!.AsObject();
        request.Remove("vector_store_ids"); // engines know nothing of them
        if (request["messages"] is JsonArray messages && messages.LastOrDefault(m => (string?)m?["role"] == "user") is JsonObject last)
        {
            if (last["content"] is JsonArray parts)
                parts.Insert(0, new JsonObject { ["type"] = "text", ["text"] = Preface });
            else
                last["content"] = Preface + (string?)last["content"];
        }
        return Encoding.UTF8.GetBytes(request.ToJsonString(RelaxedJson.Options));
    }

    /// <summary>A whole reply with its sources.</summary>
    public ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> reply)
    {
        if (Sources is null || JsonNode.Parse(reply.Span) is not JsonObject whole)
            return reply;
        foreach (JsonNode? choice in whole["choices"] as JsonArray ?? [])
            if (choice?["message"] is JsonObject message)
                message["annotations"] = Annotations();
        whole["sources"] = JsonSerializer.SerializeToNode(Sources, OpenAiJson.Wire.IReadOnlyListDocumentSource);
        return Encoding.UTF8.GetBytes(whole.ToJsonString(RelaxedJson.Options));
    }

    /// <summary>The event that tells a stream's sources, in the words of the one that it follows; null where that is none of a reply.</summary>
    public byte[]? Event(ReadOnlySpan<byte> first)
    {
        if (Sources is null || JsonNode.Parse(first) is not JsonObject chunk || chunk["id"] is null)
            return null;
        chunk["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["delta"] = new JsonObject { ["annotations"] = Annotations() },
            ["finish_reason"] = null,
        });
        chunk["sources"] = JsonSerializer.SerializeToNode(Sources, OpenAiJson.Wire.IReadOnlyListDocumentSource);
        return Encoding.UTF8.GetBytes($"data: {chunk.ToJsonString(RelaxedJson.Options)}\n\n");
    }

    private JsonNode? Annotations() => JsonSerializer.SerializeToNode(FileCitation.Of(Sources!), OpenAiJson.Wire.IReadOnlyListFileCitation);
}

/// <summary>Looks questions up in documents: implemented where those are kept.</summary>
internal interface IRetrieval
{
    /// <summary>The passages for a request's last question, where it or the assistant names collections.</summary>
    /// <param name="request">Of the client.</param>
    /// <param name="caller">Who may ask for the own collections; an assistant's are for all who may ask it.</param>
    /// <param name="engine">That answers.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OpenAiException">400: a collection is not there.</exception>
    Task<Retrieved> ForAsync(ChatCompletionRequest request, Caller caller, EngineSpecification engine, CancellationToken cancellation);
}
