using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary><c>/api/conversations/export</c> and <c>/import</c>: chats as files.</summary>
internal static class ConversationTransferApi
{
    private const int PageSize = 100;

    public static void MapConversationTransfer(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/conversations").WithTags("Conversations").RequireScope(Scopes.Chat);
        group.MapGet("export", ExportAsync).WithSummary("All conversations as a file, or id alone")
            .Answers(typeof(ConversationExport<Conversation>)).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("import", ImportAsync).WithSummary("Imports such a file, one conversation, or an array of them; ratings=true takes ratings over")
            .Takes(typeof(ConversationExport<ExportedConversation>)).Stores();
    }

    /// <summary>One conversation, or all that the caller sees, newest first: each as <c>GET /api/conversations/{id}</c> shows it.</summary>
    private static async Task ExportAsync(HttpContext http, Caller caller, ConversationStore store, string? id)
    {
        if (id is not null && store.Find(caller, id) is null)
            throw OpenAiException.NotFound("conversation", id);
        http.Response.ContentType = "application/json";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"conversations.json\"";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object", "conversations");
        json.WriteStartArray("data");
        foreach (string one in id is null ? Ids(caller, store) : [id])
        {
            if (store.Find(caller, one) is { } conversation) // deleted in between, perhaps
                JsonSerializer.Serialize(json, conversation, LogJson.Wire.Conversation);
            await json.FlushAsync(http.RequestAborted);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted); // one after the other: the reader sets the pace
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<string> Ids(Caller caller, ConversationStore store)
    {
        ListPage<ConversationSummary> page;
        string? last = null;
        do
        {
            page = store.List(caller, assistant: null, search: null, new ListQuery(PageSize, last));
            foreach (ConversationSummary conversation in page.Data)
                yield return conversation.Id;
            last = page.LastId;
        }
        while (page.HasMore);
    }

    private static async Task<JsonAnswer<ConversationImportReport>> ImportAsync(
        HttpRequest request, Caller caller, Assistant assistant, ConversationImport import, bool? ratings, CancellationToken cancellation)
    {
        if (ratings == true)
            caller.Require(Scopes.Rate); // before anything is read: no file is imported by half
        byte[] body = await RequestReader.ReadBodyAsync(request);
        var limits = new DatasetLimits();
        using JsonDocument file = Parse(body, limits);
        IEnumerable<ConversationRead> conversations = ConversationFile.Read(file.RootElement, limits);
        ConversationImportReport report = await import.RunAsync(caller, assistant.Id, conversations, ratings ?? false, limits, cancellation);
        return ApiJson.Result(report, TransferJson.Wire.ConversationImportReport);
    }

    private static JsonDocument Parse(byte[] body, DatasetLimits limits)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = limits.Depth });
        }
        catch (JsonException e)
        {
            throw OpenAiException.InvalidRequest($"The file is not valid JSON: {e.Message}", code: "invalid_json");
        }
    }
}
