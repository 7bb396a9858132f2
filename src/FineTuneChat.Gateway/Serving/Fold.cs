using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>What of a talk that has outgrown the context the model does not see.</summary>
/// <param name="Messages">How many of the oldest messages; 0: it sees all of them.</param>
/// <param name="Summary">What stands for them; null: nothing.</param>
/// <param name="SummaryOf">The logged message that the summary ends with; null where there is none.</param>
internal sealed record Fold(int Messages, string? Summary = null, long? SummaryOf = null)
{
    /// <summary>Tells the client, streamed or not: <c>drop=12</c>, <c>summary=12</c>.</summary>
    public const string Header = "X-Folded";

    public static Fold None { get; } = new(0);

    public string HeaderValue => $"{(Summary is null ? Truncations.Drop : Truncations.Summary)}={Messages}";

    /// <summary>The request as the engine is to see it. What is logged is the client's own, whole.</summary>
    public byte[] PutInto(byte[] body)
    {
        if (Messages == 0)
            return body;
        JsonObject request = JsonNode.Parse(body)!.AsObject();
        IReadOnlyList<RequestMessage> seen = FoldedTalk.Of(ChatRequestReader.Read(body).Messages!, Messages, Summary);
        request["messages"] = new JsonArray([.. seen.Select(message => JsonSerializer.SerializeToNode(message, OpenAiJson.Wire.RequestMessage))]);
        return Encoding.UTF8.GetBytes(request.ToJsonString(RelaxedJson.Options));
    }
}

/// <summary>Folds talks that have outgrown the context: implemented where summaries are kept.</summary>
internal interface ITalkFolding
{
    /// <summary>What of a request's talk the model does not see: nothing where it is short enough, or where the request does not ask for it.</summary>
    /// <param name="http">The client.</param>
    /// <param name="turn">Its request on the way.</param>
    /// <param name="request">As the client has sent it.</param>
    /// <param name="completed">The same with what the assistant adds.</param>
    /// <exception cref="OpenAiException">400: its last message alone is too long.</exception>
    Task<Fold> FoldAsync(HttpContext http, ChatTurn turn, ChatCompletionRequest request, byte[] completed);
}
