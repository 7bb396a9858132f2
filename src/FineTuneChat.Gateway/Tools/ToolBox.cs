using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Tools.BuiltIn;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Tools;

/// <summary>The tools that assistants have: configured servers, asked when they are needed, and calls that a user has allowed.</summary>
internal sealed partial class ToolBox(ToolServerStore store, ToolSettings limits, TimeProvider time, ILogger<ToolBox> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Assistant, string Name), Lazy<IToolServer>> _running = new();

    public IReadOnlyList<ToolServerSettings> ServersOf(string assistant) => store.Of(assistant);

    /// <exception cref="OpenAiException">404: there is none.</exception>
    public ToolServerSettings Require(string assistant, string name) => store.Find(assistant, name) ?? throw OpenAiException.NotFound("server of tools", name);

    /// <exception cref="OpenAiException">409: the name is taken.</exception>
    public Task AddAsync(string assistant, ToolServerSettings settings) => store.AddAsync(assistant, settings);

    /// <summary>Keeps other settings; the server is started anew with its next call.</summary>
    public async Task ChangeAsync(string assistant, ToolServerSettings settings)
    {
        await store.ChangeAsync(assistant, settings);
        await StopAsync(assistant, settings.Name);
    }

    /// <exception cref="OpenAiException">404: there is none.</exception>
    public async Task RemoveAsync(string assistant, string name)
    {
        if (!await store.RemoveAsync(assistant, name))
            throw OpenAiException.NotFound("server of tools", name);
        await StopAsync(assistant, name);
    }

    /// <summary>Ends all servers of an assistant that is deleted.</summary>
    public async Task ForgetAsync(string assistant)
    {
        foreach ((string of, string name) in _running.Keys.Where(key => key.Assistant == assistant).ToArray())
            await StopAsync(of, name);
    }

    /// <summary>What each server of the assistant has; servers that do not run are started.</summary>
    public async Task<IReadOnlyList<ServerTools>> ListAsync(string assistant, CancellationToken cancellation) =>
        await Task.WhenAll(store.Of(assistant).Select(settings => ListAsync(assistant, settings, cancellation)));

    public async Task<ServerTools> ListAsync(string assistant, ToolServerSettings settings, CancellationToken cancellation)
    {
        if (!settings.Enabled)
            return new(settings.Name, ServerTools.Off, null, [], []);
        try
        {
            ToolList list = await ServerOf(assistant, settings).ListAsync(cancellation);
            return new(settings.Name, ServerTools.Ready, null, list.Tools, list.LeftOut);
        }
        catch (ToolServerException e)
        {
            return new(settings.Name, ServerTools.Failed, settings.Redact(e.Message), [], []);
        }
    }

    /// <summary>Runs a call that a user has allowed: known tool, right arguments, in time, and a result that is not too long.</summary>
    /// <exception cref="OpenAiException">400: wrong arguments; 404: no such tool; 502, 504: the server has no result.</exception>
    public async Task<ToolResult> CallAsync(string assistant, string server, string name, JsonElement? given, CancellationToken cancellation)
    {
        ToolServerSettings settings = Require(assistant, server);
        if (!settings.Enabled)
            throw OpenAiException.Conflict($"The server '{server}' is switched off.", "server_off");
        long start = time.GetTimestamp();
        try
        {
            IToolServer running = ServerOf(assistant, settings);
            ToolList list = await running.ListAsync(cancellation);
            OfferedTool tool = list.Tools.FirstOrDefault(tool => tool.Name == name)
                ?? throw OpenAiException.NotFound($"tool of '{server}'", ToolText.Shown(name));
            ToolOutput output = await running.CallAsync(name, Arguments(given, tool), cancellation);
            (string text, bool isCut) = ToolText.Clean(output.Text, limits.MaxResultCharacters);
            LogCall(logger, tool.Function, time.GetElapsedTime(start).TotalSeconds, text.Length);
            return new(server, name, output.IsError, isCut ? $"{text}\n[cut: the result is longer than {limits.MaxResultCharacters} characters]" : text, isCut);
        }
        catch (ToolServerException e)
        {
            LogFailure(logger, server, name.Length > ToolLimits.FunctionName ? "?" : ToolText.Shown(name), e.GetType().Name);
            string message = $"The server of tools '{server}' has no result: {settings.Redact(e.Message)}";
            throw e is ToolServerTimeoutException
                ? new OpenAiException(StatusCodes.Status504GatewayTimeout, new() { Message = message, Type = "server_error", Code = "tool_timeout" })
                : OpenAiException.BadGateway(message, "tool_server_failed");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((string assistant, string name) in _running.Keys.ToArray())
            await StopAsync(assistant, name);
    }

    private IToolServer ServerOf(string assistant, ToolServerSettings settings) =>
        _running.GetOrAdd((assistant, settings.Name), _ => new(() => settings.Transport == ToolServerSettings.BuiltIn
            ? new BuiltInTools(time)
            : new McpServer(settings, limits, time))).Value;

    private async Task StopAsync(string assistant, string name)
    {
        if (_running.TryRemove((assistant, name), out Lazy<IToolServer>? running) && running.IsValueCreated)
            await running.Value.DisposeAsync();
    }

    private static JsonElement Arguments(JsonElement? given, OfferedTool tool)
    {
        JsonElement arguments = given is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } some ? some : JsonElement.Parse("{}");
        if (arguments.ValueKind != JsonValueKind.Object)
            throw OpenAiException.InvalidRequest("'arguments' must be an object.", "arguments", "invalid_type");
        if (Encoding.UTF8.GetByteCount(arguments.GetRawText()) > ToolLimits.ArgumentBytes)
            throw OpenAiException.InvalidRequest($"'arguments' may have {ToolLimits.ArgumentBytes} bytes.", "arguments");
        if (ArgumentCheck.Problem(arguments, tool.Parameters) is { } problem)
            throw OpenAiException.InvalidRequest($"The arguments do not fit the tool '{tool.Name}': {problem}", "arguments", "invalid_arguments");
        return arguments;
    }

    [LoggerMessage(7001, LogLevel.Information, "Tool {Function} was called: {Seconds:0.00} s, {Characters} characters")]
    private static partial void LogCall(ILogger logger, string function, double seconds, int characters);

    [LoggerMessage(7002, LogLevel.Warning, "The server of tools {Server} had no result for a call of {Tool}: {Problem}")]
    private static partial void LogFailure(ILogger logger, string server, string tool, string problem);
}
