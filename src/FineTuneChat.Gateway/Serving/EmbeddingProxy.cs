using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Vectors of texts, from whoever is asked: the engine of a model, or the process of the embedding model that comes with the program.</summary>
internal sealed class EmbeddingProxy(EngineRouter engines, ModelDirectory directory, EmbedderProcess embedder)
{
    private const string Path = "/v1/embeddings";
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>Passes a request on, and the answer back.</summary>
    /// <param name="http">The client.</param>
    /// <param name="model">Whom it asks.</param>
    /// <param name="body">Of the request.</param>
    /// <exception cref="OpenAiException">404: there is no such model; 503: it does not start.</exception>
    public async Task RunAsync(HttpContext http, string? model, byte[] body)
    {
        if (!IsMiniLm(http, model))
        {
            using EngineLease lease = engines.Acquire(Caller.Of(http), model);
            await EngineProxy.RunAsync(http, lease, Path, body);
            return;
        }
        using HttpResponseMessage answer = await AskAsync(http, body, truncate: false);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    /// <summary>The answer, for a dialect that writes it in its own words.</summary>
    /// <param name="http">The client.</param>
    /// <param name="request">Of the client.</param>
    /// <param name="truncate">The begin of a text is read where all of it is too long; an engine refuses it.</param>
    /// <exception cref="OpenAiException">The request was refused.</exception>
    public async Task<JsonElement> AskAsync(HttpContext http, EmbeddingRequest request, bool truncate = false)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.EmbeddingRequest);
        if (IsMiniLm(http, request.Model))
        {
            using HttpResponseMessage given = await AskAsync(http, body, truncate);
            return await ReadAsync(given, given.Content.ReadAsByteArrayAsync(http.RequestAborted));
        }
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        using EngineAnswer answer = await EngineAnswer.OpenAsync(http, lease, Path, body);
        return await ReadAsync(answer.Head, WholeAsync());

        async Task<byte[]> WholeAsync() => (await answer.WholeAsync(http.RequestAborted)).ToArray();
    }

    /// <summary>Whether the model that comes with the program is asked.</summary>
    public bool IsMiniLm(HttpContext http, string? model) => directory.IsMiniLm(Caller.Of(http), ModelName.WithoutTag(model));

    private async Task<HttpResponseMessage> AskAsync(HttpContext http, byte[] body, bool truncate) =>
        await embedder.AskAsync(body, truncate, http.RequestAborted)
            ?? throw OpenAiException.Unavailable(embedder.Problem ?? "The embedder does not start; the server's log says why.", Retry);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage head, Task<byte[]> whole)
    {
        byte[] json = await whole;
        return head.IsSuccessStatusCode ? JsonElement.Parse(json) : throw EngineAnswer.Refusal(head, json);
    }
}
