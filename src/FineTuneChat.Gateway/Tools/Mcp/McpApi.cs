using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace FineTuneChat.Gateway.Tools.Mcp;

/// <summary>
/// <c>/mcp</c>: this server as a server of tools for other programs (MCP's streamable HTTP). Nothing is kept between requests: each comes with its key, and
/// sees the tools that the key may use.
/// </summary>
internal static class McpApi
{
    private const string Path = "/mcp";

    public static void AddMcpTools(this IServiceCollection services)
    {
        services.AddHttpContextAccessor().AddSingleton<OwnRoutes>();
        services.AddMcpServer(server => server.ServerInfo = new() { Name = nameof(FineTuneChat), Version = "1" })
            .WithHttpTransport(http => http.Stateless = true)
            .WithListToolsHandler((request, _) => ValueTask.FromResult(List(request.Services!)))
            .WithCallToolHandler((request, _) => CallAsync(request.Services!, request.Params!));
    }

    public static void MapMcpTools(this IEndpointRouteBuilder routes) => routes.MapMcp(Path)
        .WithTags("Tools").WithSummary("This server as a server of tools (MCP, streamable HTTP)").RequireScope(Scopes.Any);

    private static ListToolsResult List(IServiceProvider services)
    {
        HttpContext http = ContextOf(services);
        OwnRoutes routes = services.GetRequiredService<OwnRoutes>();
        return new()
        {
            Tools = [.. OwnTool.All.Where(tool => routes.MayUse(http, tool.Method, tool.Route)).Select(tool => new Tool
            {
                Name = tool.Name,
                Description = tool.Description,
                InputSchema = tool.Schema,
                Annotations = new() { ReadOnlyHint = tool.IsReadOnly, DestructiveHint = false },
            })],
        };
    }

    private static async ValueTask<CallToolResult> CallAsync(IServiceProvider services, CallToolRequestParams call)
    {
        OwnTool tool = OwnTool.All.FirstOrDefault(tool => tool.Name == call.Name) ?? throw new McpProtocolException(
            $"There is no tool '{ToolText.Shown(call.Name)}'. There are {string.Join(", ", OwnTool.All.Select(t => t.Name))}.", McpErrorCode.InvalidParams);
        JsonElement arguments = JsonSerializer.SerializeToElement(
            call.Arguments ?? new Dictionary<string, JsonElement>(), ToolsJson.Wire.IDictionaryStringJsonElement);
        if (ArgumentCheck.Problem(arguments, tool.Schema) is { } problem)
            return Result(problem, isError: true);
        try
        {
            var answer = await tool.RunAsync(new(services.GetRequiredService<OwnRoutes>(), ContextOf(services), arguments));
            return Result(answer.ToJsonString(RelaxedJson.Options), isError: false);
        }
        catch (OpenAiException e)
        {
            return Result(e.Message, isError: true);
        }
    }

    private static CallToolResult Result(string text, bool isError) => new() { Content = [new TextContentBlock { Text = text }], IsError = isError };

    private static HttpContext ContextOf(IServiceProvider services) => services.GetRequiredService<IHttpContextAccessor>().HttpContext!;
}
