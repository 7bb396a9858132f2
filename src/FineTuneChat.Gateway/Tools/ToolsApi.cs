using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Tools;

/// <summary>
/// <c>/api/tools</c>: the tools of an assistant, a call of one, and the servers that have them. Configuring is for admins, since it starts programs.
/// </summary>
internal static class ToolsApi
{
    public static void MapTools(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/tools").WithTags("Tools");
        group.MapGet("", ListToolsAsync).WithSummary("The tools of an assistant, by server, with the state of each").RequireScope(Scopes.Chat)
            .Refuses(StatusCodes.Status404NotFound);
        group.MapPost("call", CallAsync).WithSummary("Runs a call that the user has allowed").RequireScope(Scopes.Chat).Takes(typeof(ToolCallRequest))
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status502BadGateway, StatusCodes.Status504GatewayTimeout);

        RouteGroupBuilder servers = group.MapGroup("servers").RequireScope(Scopes.Admin);
        servers.MapGet("", ListServers).WithSummary("Servers of tools that an assistant has").Refuses(StatusCodes.Status404NotFound);
        servers.MapPost("", AddAsync).WithSummary("Gives an assistant a server of tools: a program, an address, or what is built in")
            .Takes(typeof(ToolServerRequest)).Stores().Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        servers.MapPatch("{name}", ChangeAsync).WithSummary("Changes a server of tools").Takes(typeof(ToolServerRequest)).Stores()
            .Refuses(StatusCodes.Status404NotFound);
        servers.MapDelete("{name}", RemoveAsync).WithSummary("Takes a server of tools away").Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonAnswer<ListPage<ServerTools>>> ListToolsAsync(Assistant assistant, ToolBox tools, CancellationToken cancellation)
    {
        IReadOnlyList<ServerTools> all = await tools.ListAsync(assistant.Id, cancellation);
        return ApiJson.Result(ListPage<ServerTools>.Of(all, all.Count, server => server.Server), ToolsJson.Wire.ListPageServerTools);
    }

    private static async Task<JsonAnswer<ToolResult>> CallAsync(HttpRequest http, Assistant assistant, ToolBox tools, CancellationToken cancellation)
    {
        ToolCallRequest call = await RequestReader.ReadAsync(http, ToolsJson.Wire.ToolCallRequest);
        if (call.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(call.Unknown.Keys.First());
        string server = call.Server ?? throw OpenAiException.MissingParameter("server"), tool = call.Tool ?? throw OpenAiException.MissingParameter("tool");
        return ApiJson.Result(await tools.CallAsync(assistant.Id, server, tool, call.Arguments, cancellation), ToolsJson.Wire.ToolResult);
    }

    private static JsonAnswer<ListPage<ToolServerView>> ListServers(Assistant assistant, ToolBox tools)
    {
        IReadOnlyList<ToolServerView> all = [.. tools.ServersOf(assistant.Id).Select(ToolServerView.Of)];
        return ApiJson.Result(ListPage<ToolServerView>.Of(all, all.Count, server => server.Name), ToolsJson.Wire.ListPageToolServerView);
    }

    private static async Task<JsonAnswer<ToolServerView>> AddAsync(HttpRequest http, Assistant assistant, ToolBox tools, ToolSettings limits)
    {
        ToolServerSettings settings = (await RequestReader.ReadAsync(http, ToolsJson.Wire.ToolServerRequest)).Create(limits.AllowPrograms);
        await tools.AddAsync(assistant.Id, settings);
        return ApiJson.Result(ToolServerView.Of(settings), ToolsJson.Wire.ToolServerView);
    }

    private static async Task<JsonAnswer<ToolServerView>> ChangeAsync(
        string name, HttpRequest http, Assistant assistant, ToolBox tools, ToolSettings limits)
    {
        ToolServerRequest request = await RequestReader.ReadAsync(http, ToolsJson.Wire.ToolServerRequest);
        ToolServerSettings settings = request.ApplyTo(tools.Require(assistant.Id, name), limits.AllowPrograms);
        await tools.ChangeAsync(assistant.Id, settings);
        return ApiJson.Result(ToolServerView.Of(settings), ToolsJson.Wire.ToolServerView);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string name, Assistant assistant, ToolBox tools)
    {
        await tools.RemoveAsync(assistant.Id, name);
        return ApiJson.Result(new Removed(name, "tool_server"), ToolsJson.Wire.Removed);
    }
}
