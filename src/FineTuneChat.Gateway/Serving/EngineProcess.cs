using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// A process that answers for one model id. It may answer for others, too: for each adapter of its model. Requests of this one's <see cref="Client"/> are
/// answered by this one's model, whatever name they carry.
/// </summary>
internal sealed class EngineProcess : IRunningEngine
{
    private const double ImpossibleLogprob = -1000; // of a token that was the most probable one
    private readonly SocketProcess _process;
    private readonly Func<ValueTask> _leave;

    /// <param name="process">Has the model's file loaded.</param>
    /// <param name="engine">What is asked of it.</param>
    /// <param name="settings">How strongly an adapter works.</param>
    /// <param name="leave">Called when it is no longer needed.</param>
    public EngineProcess(SocketProcess process, EngineSpecification engine, EngineSettings settings, Func<ValueTask> leave)
    {
        (_process, _leave) = (process, leave);
        Client = process.NewClient();
        Client.DefaultRequestHeaders.Add(EngineHeaders.Model, Uri.EscapeDataString(engine.Alias));
        if (engine.AdapterPath is { } adapter)
            Client.DefaultRequestHeaders.Add(
                EngineHeaders.Adapter, Uri.EscapeDataString(new AdapterChoice(adapter, (float)settings.AdapterScale).ToString()));
    }

    public HttpClient Client { get; }
    public int? ProcessId => _process.Id;
    public Task Exited => _process.Exited;
    public bool WasKilled => _process.WasKilled;
    public string LastErrors => _process.LastErrors;

    /// <summary>Starts a process for one model id alone, and returns it when it has passed <see cref="CheckAsync"/>.</summary>
    /// <exception cref="EngineException">It ended, or was not ready in time.</exception>
    public static async Task<EngineProcess> StartAsync(
        EngineSpecification engine, EngineSettings settings, string socketFolder, ILogger logger, CancellationToken cancellation)
    {
        SocketProcess process = await ModelProcess.StartAsync(engine, settings, socketFolder, logger, _ => { }, cancellation);
        var started = new EngineProcess(process, engine, settings, process.DisposeAsync);
        try
        {
            await started.CheckAsync(engine, settings, cancellation);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The first checks: it writes some tokens, and they have probabilities. Broken weights give none. An adapter is loaded by it. A model that is not made to
    /// write says how near two texts are.
    /// </summary>
    /// <exception cref="EngineException">It does not pass them, or not in time.</exception>
    public async Task CheckAsync(EngineSpecification engine, EngineSettings settings, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(TimeSpan.FromSeconds(settings.StartTimeoutSeconds));
        try
        {
            await WriteAsync(engine.Alias, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw EngineException.NotReady(engine, settings);
        }
        catch (HttpRequestException)
        {
            throw new EngineException($"The engine for {engine.Alias} failed its first request: {LastErrors}");
        }
    }

    public Task<bool> IsHealthyAsync(CancellationToken cancellation) => SocketProcess.IsHealthyAsync(Client, cancellation);

    public ValueTask DisposeAsync() => _leave();

    public void Kill() => _process.Kill();

    private async Task WriteAsync(string alias, CancellationToken cancellation)
    {
        string body = $$"""{"model":"{{alias}}","messages":[{"role":"user","content":"Hi"}],"max_tokens":4,"temperature":0,"logprobs":true}""";
        using HttpResponseMessage response = await PostAsync("v1/chat/completions", body, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            string error = await response.Content.ReadAsStringAsync(cancellation);
            if (!error.Contains(OpenAiException.ModelNotSupported, StringComparison.Ordinal))
                throw new EngineException($"The engine for {alias} could not answer its first request: {error}");
            await CompareAsync(alias, cancellation);
            return;
        }
        ChatCompletion reply = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), OpenAiJson.Default.ChatCompletion)!;
        if (reply.Choices[0].Logprobs?.Content?.Any(token => token.Logprob < ImpossibleLogprob) == true)
            throw new EngineException($"The engine for {alias} gives its own words no probability: the model's weights are broken.");
    }

    private async Task CompareAsync(string alias, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await PostAsync("v1/rerank", $$"""{"model":"{{alias}}","query":"Hi","documents":["Hi"]}""", cancellation);
        if (!response.IsSuccessStatusCode)
            throw new EngineException($"The engine for {alias} could not answer its first request: {await response.Content.ReadAsStringAsync(cancellation)}");
    }

    private async Task<HttpResponseMessage> PostAsync(string route, string body, CancellationToken cancellation)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Client.PostAsync(route, content, cancellation);
    }
}

/// <summary>An engine could not be started or died; the message says why.</summary>
/// <param name="message">Why.</param>
/// <param name="isOutage">Whether that says nothing about the model: nobody was there to ask.</param>
internal sealed class EngineException(string message, bool isOutage = false) : Exception(message)
{
    public bool IsOutage => isOutage;

    public static EngineException NotReady(EngineSpecification engine, EngineSettings settings) =>
        new($"The engine for {engine.Alias} was not ready after {settings.StartTimeoutSeconds} s (Engine:StartTimeoutSeconds).");
}
