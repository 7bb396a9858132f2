using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>The base as it came, version 0, in an engine of its own, for what it says to questions and what it would ask itself.</summary>
internal sealed class BaseSession : IDisposable
{
    private const string Sentinel = "\uE000"; // stands where the user's text would

    private readonly EngineLease _lease;
    private readonly IRunningEngine _engine;

    private BaseSession(EngineLease lease, IRunningEngine engine)
    {
        _lease = lease;
        _engine = engine;
    }

    private string Model => _lease.Specification.Alias;

    /// <summary>Starts the engine of an assistant's base, or shares the one that runs.</summary>
    public static async Task<BaseSession> OpenAsync(EngineRouter engines, Assistant assistant, CancellationToken cancellation)
    {
        EngineLease lease = engines.AcquireBase(assistant);
        try
        {
            return new BaseSession(lease, await lease.ProcessAsync(cancellation));
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public void Dispose() => _lease.Dispose();

    /// <summary>As many at once as the engine has places for.</summary>
    public static Task EachAsync<T>(
        IEnumerable<T> items, EngineSettings settings, Func<T, CancellationToken, ValueTask> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation }, work);

    /// <summary>The reply to a question; null where it is cut off or empty: such a one is no example of good behaviour.</summary>
    /// <param name="question">The user's message.</param>
    /// <param name="maxTokens">The most tokens of the reply.</param>
    /// <param name="temperature">0: the likeliest reply.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="system">The system prompt; null: none.</param>
    public async Task<string?> AskAsync(
        string question, int maxTokens, double temperature, int seed, CancellationToken cancellation, string? system = null)
    {
        RequestMessage asked = new() { Role = "user", Content = question };
        var request = new ChatCompletionRequest
        {
            Model = Model,
            Messages = system is null ? [asked] : [new RequestMessage { Role = "system", Content = system }, asked],
            Temperature = temperature,
            Seed = seed,
            MaxTokens = maxTokens,
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest);
        JsonElement choice = (await PostAsync("v1/chat/completions", body, cancellation)).GetProperty("choices")[0];
        return Finished(choice, choice.GetProperty("message").GetProperty("content"));
    }

    /// <summary>What stands before a user's message in the base's own template.</summary>
    public async Task<string> UserPrefixAsync(CancellationToken cancellation)
    {
        var request = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Sentinel }) };
        string prompt = (await PostAsync("apply-template", JsonSerializer.SerializeToUtf8Bytes(request), cancellation)).GetProperty("prompt").GetString()!;
        return prompt[..prompt.IndexOf(Sentinel, StringComparison.Ordinal)];
    }

    /// <summary>A turn of the user as the base imagines it (Xu et al. 2024, Magpie, arXiv 2406.08464); null where it does not end.</summary>
    /// <param name="prefix">From <see cref="UserPrefixAsync"/>.</param>
    /// <param name="maxTokens">The most tokens of the turn.</param>
    /// <param name="seed">Of what is drawn, at temperature 1.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<string?> ImagineAsync(string prefix, int maxTokens, int seed, CancellationToken cancellation)
    {
        var request = new JsonObject
        {
            ["model"] = Model,
            ["prompt"] = prefix,
            ["max_tokens"] = maxTokens,
            ["temperature"] = 1,
            ["top_p"] = 1,
            ["top_k"] = 0,
            ["min_p"] = 0,
            ["seed"] = seed,
        };
        JsonElement choice = (await PostAsync("v1/completions", JsonSerializer.SerializeToUtf8Bytes(request), cancellation)).GetProperty("choices")[0];
        return Finished(choice, choice.GetProperty("text"));
    }

    private static string? Finished(JsonElement choice, JsonElement text) =>
        choice.GetProperty("finish_reason").GetString() == FinishReasons.Stop && text.GetString() is { } said && !string.IsNullOrWhiteSpace(said) ? said : null;

    private async Task<JsonElement> PostAsync(string route, byte[] json, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _engine.Client.PostAsync(route, content, cancellation);
        response.EnsureSuccessStatusCode();
        return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
    }
}
