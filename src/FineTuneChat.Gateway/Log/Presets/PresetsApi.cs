using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.Presets;

/// <summary><c>/api/presets</c>: what chats may begin with.</summary>
internal static class PresetsApi
{
    public static void MapPresets(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/presets").RequireScope(Scopes.Chat);
        group.MapGet("", List);
        group.MapPost("", SaveAsync).Stores();
        group.MapDelete("{id}", RemoveAsync);
    }

    private static IResult List(Caller caller, PresetStore presets)
    {
        IReadOnlyList<Preset> all = presets.List(caller);
        return ApiJson.Result(ListPage<Preset>.Of(all, all.Count, p => p.Id), PresetsJson.Wire.ListPagePreset);
    }

    private static async Task<IResult> SaveAsync(HttpRequest request, Caller caller, PresetStore presets)
    {
        PresetRequest preset = await RequestReader.ReadAsync(request, PresetsJson.Wire.PresetRequest);
        (string name, string system, string parameters) = preset.Validate();
        return ApiJson.Result(await presets.SaveAsync(caller, name, system, parameters), PresetsJson.Wire.Preset);
    }

    private static async Task<IResult> RemoveAsync(string id, Caller caller, PresetStore presets) =>
        await presets.RemoveAsync(caller, id)
            ? ApiJson.Result(new Removed(id, "preset"), PresetsJson.Wire.Removed)
            : throw OpenAiException.NotFound("preset", id);
}
