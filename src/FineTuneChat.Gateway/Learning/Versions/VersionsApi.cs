using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary><c>/api/versions</c>: what the assistant was and is; activating an older one is the rollback, deleting one takes its files.</summary>
internal static class VersionsApi
{
    public static void MapVersions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/versions").WithTags("Learning");
        group.MapGet("", List).WithSummary("Versions with lineage and figures").RequireScope(Scopes.Train).Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{number:int}", Get).WithSummary("A version").RequireScope(Scopes.Train).Refuses(StatusCodes.Status404NotFound);
        group.MapGet("{number:int}/examples", Examples).WithSummary("What a version was taught, and whether it says it")
            .RequireScope(Scopes.Train).Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
        group.MapPost("{number:int}/activate", ActivateAsync).WithSummary("Puts a version in service; an older one is the rollback")
            .RequireScope(Scopes.Admin).Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status500InternalServerError);
        group.MapDelete("{number:int}", RemoveAsync).WithSummary("Deletes a version's files; lineage and figures stay")
            .RequireScope(Scopes.Admin).Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static JsonAnswer<ListPage<ModelVersion>> List(Assistant assistant, string? limit, string? after)
    {
        ListQuery page = ListQuery.Of(limit, after);
        IEnumerable<ModelVersion> rows = assistant.Versions.List()
            .Where(v => page.After is null || (int.TryParse(page.After, out int last) && v.Number < last));
        return ApiJson.Result(
            ListPage<ModelVersion>.Of([.. rows.Take(page.Limit + 1)], page.Limit, v => $"{v.Number}"), VersionsJson.Wire.ListPageModelVersion);
    }

    private static JsonAnswer<ModelVersion> Get(int number, Assistant assistant) =>
        ApiJson.Result(assistant.Versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}"), VersionsJson.Wire.ModelVersion);

    private static JsonAnswer<ListPage<VersionExample>> Examples(
        int number, Assistant assistant, VersionExamples examples, string? limit, string? after) => ApiJson.Result(
        examples.List(assistant.Versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}"), ListQuery.Of(limit, after)),
        VersionsJson.Wire.ListPageVersionExample);

    private static async Task<JsonAnswer<ModelVersion>> RemoveAsync(int number, Assistant assistant, VersionSwitch versions)
    {
        await versions.RemoveAsync(assistant, number);
        return Get(number, assistant);
    }

    private static async Task<JsonAnswer<ModelVersion>> ActivateAsync(int number, Assistant assistant, EngineRouter engines, VersionSwitch versions)
    {
        ModelVersion version = assistant.Versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}");
        if (!assistant.Versions.IsServable(version))
            throw OpenAiException.Conflict($"The file of version {number} is not there any more.", "version_file_missing");
        if (!version.Active || !engines.IsReadyFor(assistant))
        {
            try
            {
                await versions.SwitchAsync(version, CancellationToken.None); // not the request's: a swap is finished once begun
            }
            catch (EngineException e)
            {
                throw OpenAiException.ServerError($"Version {number} did not start, the one in service stays: {e.Message}", "engine_start_failed");
            }
        }
        return Get(number, assistant);
    }
}
