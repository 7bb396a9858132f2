using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary><c>/api/dataset/imports</c>: what was imported together, kept aside, restored and deleted together.</summary>
internal static class ImportsApi
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/dataset/imports").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapGet("", List).WithSummary("What was imported together");
        group.MapPatch("{id}", ChangeAsync).WithSummary("Keeps what was imported together aside, or restores it")
            .Takes(typeof(ImportChange)).Stores().Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<ImportSummary>> List(Assistant assistant, ImportStore imports)
    {
        IReadOnlyList<ImportSummary> all = imports.List(assistant.Id);
        return ApiJson.Result(ListPage<ImportSummary>.Of(all, all.Count, i => i.Id), ExamplesJson.Wire.ListPageImportSummary);
    }

    private static async Task<JsonAnswer<ImportSummary>> ChangeAsync(string id, HttpRequest request, Assistant assistant, ImportStore imports)
    {
        ImportChange change = await RequestReader.ReadAsync(request, ExamplesJson.Wire.ImportChange);
        if (change.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(change.Unknown.Keys.First());
        if (change.Status is not (ExampleStatus.Accepted or ExampleStatus.Excluded))
            throw OpenAiException.InvalidRequest($"'status' is '{change.Status}'; allowed: accepted, excluded.", "status");
        ImportSummary changed = await imports.ChangeAsync(assistant.Id, id, change.Status) ?? throw OpenAiException.NotFound("import", id);
        return ApiJson.Result(changed, ExamplesJson.Wire.ImportSummary);
    }
}

/// <summary>The body of <c>PATCH /api/dataset/imports/{id}</c>.</summary>
internal sealed record ImportChange
{
    [AllowedValues(ExampleStatus.Accepted, ExampleStatus.Excluded)] public string? Status { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}
