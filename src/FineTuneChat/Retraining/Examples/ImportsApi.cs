using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Retraining.Examples;

/// <summary><c>/api/dataset/imports</c>: what was imported together, kept aside, restored and deleted together.</summary>
internal static class ImportsApi
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/dataset/imports");
        group.MapGet("", List);
        group.MapPatch("{id}", ChangeAsync);
        group.MapDelete("{id}", DeleteAsync);
    }

    private static IResult List(ImportStore imports)
    {
        IReadOnlyList<ImportSummary> all = imports.List(Assistants.Default);
        return GatewayJson.Result(ListPage<ImportSummary>.Of(all, all.Count, i => i.Id), GatewayJson.Wire.ListPageImportSummary);
    }

    private static async Task<IResult> ChangeAsync(string id, HttpRequest request, ImportStore imports)
    {
        ImportChange change = await RequestReader.ReadAsync(request, GatewayJson.Default.ImportChange);
        if (change.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(change.Unknown.Keys.First());
        if (change.Status is not (ExampleStatus.Accepted or ExampleStatus.Excluded))
            throw OpenAiException.InvalidRequest($"'status' is '{change.Status}'; allowed: accepted, excluded.", "status");
        return GatewayJson.Result(await imports.ChangeAsync(Assistants.Default, id, change.Status) ?? throw GatewayErrors.NotFound("import", id), GatewayJson.Wire.ImportSummary);
    }

    private static async Task<IResult> DeleteAsync(string id, Forgetting forgetting) =>
        GatewayJson.Result(await forgetting.ImportAsync(id) ?? throw GatewayErrors.NotFound("import", id), GatewayJson.Wire.Forgotten);
}

/// <summary>The body of <c>PATCH /api/dataset/imports/{id}</c>.</summary>
internal sealed record ImportChange
{
    public string? Status { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}
