using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;
using FineTuneChat.Security;

namespace FineTuneChat.Conversations.Presets;

/// <summary><c>/api/presets</c>: what chats may begin with.</summary>
internal static class PresetsApi
{
    public static void MapPresets(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/presets");
        group.MapGet("", List);
        group.MapPost("", SaveAsync);
        group.MapDelete("{id}", RemoveAsync);
    }

    private static IResult List(Caller caller, PresetStore presets)
    {
        IReadOnlyList<Preset> all = presets.List(caller);
        return GatewayJson.Result(ListPage<Preset>.Of(all, all.Count, p => p.Id), GatewayJson.Wire.ListPagePreset);
    }

    private static async Task<IResult> SaveAsync(HttpRequest request, Caller caller, PresetStore presets)
    {
        PresetRequest preset = await RequestReader.ReadAsync(request, GatewayJson.Default.PresetRequest);
        (string name, string system, string parameters) = preset.Validate();
        return GatewayJson.Result(await presets.SaveAsync(caller, name, system, parameters), GatewayJson.Wire.Preset);
    }

    private static async Task<IResult> RemoveAsync(string id, Caller caller, PresetStore presets) =>
        await presets.RemoveAsync(caller, id) ? GatewayJson.Result(new Removed(id, "preset"), GatewayJson.Wire.Removed) : throw GatewayErrors.NotFound("preset", id);
}
