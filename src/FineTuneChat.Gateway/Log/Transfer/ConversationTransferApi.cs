using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
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
        group.MapPost("import", ImportAsync)
            .WithSummary("Imports such a file, one conversation, an array of them, or another program's export; ratings=true takes ratings over")
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
            page = store.List(caller, new ConversationFilter(), new ListQuery(PageSize, last));
            foreach (ConversationSummary conversation in page.Data)
                yield return conversation.Id;
            last = page.LastId;
        }
        while (page.HasMore);
    }

    private static async Task<JsonAnswer<ConversationImportReport>> ImportAsync(
        HttpRequest request, Caller caller, Assistant assistant, ConversationImport import, ConversationReporter reporter, bool? ratings,
        CancellationToken cancellation)
    {
        if (ratings == true)
            caller.Require(Scopes.Rate); // before anything is read: no file is imported by half
        byte[] body = await RequestReader.ReadBodyAsync(request);
        var limits = new DatasetLimits();
        using JsonDocument sent = Parse(body, limits);
        IEnumerable<ConversationRead> conversations = sent.RootElement switch
        {
            { ValueKind: JsonValueKind.Object } root when root.TryGetProperty("base64", out _) =>
                OfUpload(root.Deserialize(TransferJson.Wire.ConversationUpload)!, limits, cancellation),
            var root when ForeignChats.Knows(root) => ForeignChats.Read(body, "", limits, cancellation),
            var root => ConversationFile.Read(root, limits),
        };
        ConversationImportReport report = await import.RunAsync(caller, assistant.Id, conversations, ratings ?? false, limits, cancellation);
        reporter.Tell(new ConversationNews(null, ConversationNews.Imported), caller.Owner, assistant.Id);
        return ApiJson.Result(report, TransferJson.Wire.ConversationImportReport);
    }

    /// <summary>A file's bytes as they are: this program's export, or another's.</summary>
    private static IEnumerable<ConversationRead> OfUpload(ConversationUpload upload, DatasetLimits limits, CancellationToken cancellation)
    {
        byte[] file = ImportRequest.Bytes(upload.Base64 ?? "");
        try
        {
            using var json = JsonDocument.Parse(file.AsMemory(file.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0), Options(limits));
            if (!ForeignChats.Knows(json.RootElement))
                return ConversationFile.Read(json.RootElement.Clone(), limits);
        }
        catch (JsonException)
        {
            // packed, or in another encoding
        }
        return ForeignChats.Read(file, upload.File ?? "", limits, cancellation);
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static JsonDocumentOptions Options(DatasetLimits limits) => new() { MaxDepth = limits.Depth };

    private static JsonDocument Parse(byte[] body, DatasetLimits limits)
    {
        try
        {
            return JsonDocument.Parse(body, Options(limits));
        }
        catch (JsonException e)
        {
            throw OpenAiException.InvalidRequest($"The file is not valid JSON: {e.Message}", code: "invalid_json");
        }
    }
}
