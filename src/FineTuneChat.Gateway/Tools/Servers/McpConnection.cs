using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>
/// A session with one MCP server. It offers the server nothing (no sampling, no files, no questions to the user): a server answers, and asks for nothing.
/// </summary>
internal sealed class McpConnection : IAsyncDisposable
{
    // The newest revision that begins with a handshake. Where none is named the SDK asks for a newer one first, which some servers answer with nonsense.
    private const string Handshake = "2025-11-25";

    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(2);

    private readonly McpClient _client;
    private readonly ServerProgram? _program;

    private McpConnection(McpClient client, ServerProgram? program) => (_client, _program) = (client, program);

    /// <summary>Whether it can still be asked.</summary>
    public bool IsOpen => !_client.Completion.IsCompleted && _program is not { HasEnded: true };

    /// <exception cref="ToolServerException">It does not start, or is no MCP server.</exception>
    public static async Task<McpConnection> OpenAsync(ToolServerSettings settings, Action toolsChanged, CancellationToken cancellation)
    {
        ServerProgram? program = settings.Transport == ToolServerSettings.Stdio ? new(settings) : null;
        try
        {
            IClientTransport transport = program is null ? Remote(settings) : new StreamClientTransport(program.Input, program.Output);
            var options = new McpClientOptions { ClientInfo = new() { Name = nameof(FineTuneChat), Version = "1" }, ProtocolVersion = Handshake };
            options.Handlers.NotificationHandlers =
            [
                new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                {
                    toolsChanged();
                    return default;
                }),
            ];
            return new(await McpClient.CreateAsync(transport, options, cancellationToken: cancellation), program);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            ToolServerException problem = await ProblemAsync(e, program);
            await EndAsync(program);
            throw problem;
        }
        catch
        {
            await EndAsync(program);
            throw;
        }
    }

    /// <exception cref="ToolServerException">It does not list them.</exception>
    public async Task<ToolList> ListAsync(string server, int most, CancellationToken cancellation) => await OrProblemAsync(async () =>
    {
        var list = new ToolListBuilder(server, most);
        string? cursor = null;
        for (int page = 0; page == 0 || cursor is not null; page++)
        {
            if (page >= ToolLimits.Pages)
            {
                list.End($"The list has more than {ToolLimits.Pages} pages; the rest is left out.");
                break;
            }
            ListToolsResult part = await _client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellation);
            foreach (Tool tool in part.Tools)
                list.Add(tool.Name, tool.Title, tool.Description, tool.InputSchema);
            cursor = part.NextCursor;
            if (list.IsFull && cursor is not null)
            {
                list.End("The list goes on; the rest is left out.");
                break;
            }
        }
        return list.Build();
    }, cancellation);

    /// <exception cref="ToolServerException">There is no result.</exception>
    public async Task<ToolOutput> CallAsync(string tool, JsonElement arguments, CancellationToken cancellation) => await OrProblemAsync(async () =>
    {
        var call = new CallToolRequestParams
        {
            Name = tool,
            Arguments = arguments.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.Clone()),
        };
        CallToolResult result = await _client.CallToolAsync(call, cancellation);
        return new ToolOutput(McpContent.Text(result), result.IsError == true);
    }, cancellation);

    /// <summary>Whether it answers at all.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(PingPatience);
            await _client.PingAsync(new PingRequestParams(), patience.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or McpException or IOException or HttpRequestException or InvalidOperationException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_program); // first: a program that hangs would hold the client up
        await _client.DisposeAsync();
    }

    private static async ValueTask EndAsync(ServerProgram? program)
    {
        if (program is not null)
            await program.DisposeAsync();
    }

    private async Task<T> OrProblemAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            Task<T> working = work();
            if (_program is not null && await Task.WhenAny(working, _program.Broken) != working)
            {
                _ = working.ContinueWith(late => late.Exception, TaskScheduler.Default); // the client may wait for ever
                throw await _program.Broken;
            }
            return await working;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw await ProblemAsync(e, _program);
        }
    }

    /// <summary>In words for whoever has configured the server.</summary>
    private static async Task<ToolServerException> ProblemAsync(Exception e, ServerProgram? program) =>
        e.GetBaseException() is ToolServerException own ? own
        : e is IOException && program is not null && await program.EndAsync() is { } end ? new(end, e)
        : e switch
        {
            JsonException => new("It answers with what is no message of MCP.", e),
            HttpRequestException { StatusCode: { } status } => new($"It answers with HTTP status {(int)status}.", e),
            HttpRequestException => new($"It cannot be reached: {e.Message}", e),
            _ => new(ToolText.Clean(e.Message, 500).Text, e),
        };

    /// <summary>Its answers are bounded, and a redirection is not followed: the headers are for this address alone.</summary>
    private static HttpClientTransport Remote(ToolServerSettings settings)
    {
        var client = new HttpClient(new BoundedAnswers(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, ToolLimits.MessageBytes))
        {
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own
        };
        var options = new HttpClientTransportOptions
        {
            Endpoint = new Uri(settings.Url!),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = settings.Headers.ToDictionary(),
            EnableStandaloneGetStream = false,
            MaxReconnectionAttempts = 0,
        };
        return new HttpClientTransport(options, client, loggerFactory: null, ownsHttpClient: true);
    }
}
