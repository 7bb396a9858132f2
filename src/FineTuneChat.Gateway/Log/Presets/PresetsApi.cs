using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Presets;

/// <summary><c>/api/presets</c>: what chats may begin with.</summary>
internal static class PresetsApi
{
    public static void MapPresets(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/presets").WithTags("Conversations").RequireScope(Scopes.Chat);
        group.MapGet("", List).WithSummary("What chats may begin with");
        group.MapPost("", SaveAsync).WithSummary("Stores a preset under its name").Takes(typeof(PresetRequest)).Stores();
        group.MapDelete("{id}", RemoveAsync).WithSummary("Deletes a preset").Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<Preset>> List(Caller caller, PresetStore presets)
    {
        IReadOnlyList<Preset> all = presets.List(caller);
        return ApiJson.Result(ListPage<Preset>.Of(all, all.Count, p => p.Id), PresetsJson.Wire.ListPagePreset);
    }

    private static async Task<JsonAnswer<Preset>> SaveAsync(HttpRequest request, Caller caller, PresetStore presets)
    {
        PresetRequest preset = await RequestReader.ReadAsync(request, PresetsJson.Wire.PresetRequest);
        (string name, string system, string parameters) = preset.Validate();
        return ApiJson.Result(await presets.SaveAsync(caller, name, system, parameters), PresetsJson.Wire.Preset);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, PresetStore presets) =>
        await presets.RemoveAsync(caller, id)
            ? ApiJson.Result(new Removed(id, "preset"), PresetsJson.Wire.Removed)
            : throw OpenAiException.NotFound("preset", id);
}
