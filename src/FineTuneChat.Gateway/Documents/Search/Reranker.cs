using System.Net.Http.Headers;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>
/// The model of <c>Documents:Reranker</c>, which reads question and passage together: it puts the best of what was found in order. While it cannot be asked,
/// the order stays.
/// </summary>
internal sealed partial class Reranker(EngineRouter engines, DocumentSettings settings, ILogger<Reranker> logger)
{
    private const int Most = 20; // passages: each is read anew for each question
    private const int Characters = 1_200; // of a passage: rerankers read some 500 tokens
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // a question waits no longer, be it for the engine's start

    /// <summary>The same passages, the best of them first.</summary>
    /// <param name="question">In plain words.</param>
    /// <param name="found">The best first, as far as is known.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Scored>> OrderAsync(string question, IReadOnlyList<Scored> found, CancellationToken cancellation)
    {
        if (settings.Reranker.Length == 0 || found.Count < 2)
            return found;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            Scored[] read = [.. found.Take(Most)];
            double[] scores = await ScoresAsync(question, [.. read.Select(Text)], limit.Token);
            return [.. read.Index().OrderByDescending(passage => scores[passage.Index]).Select(passage => passage.Item), .. found.Skip(Most)];
        }
        catch (Exception e) when (e is OpenAiException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogNotAsked(logger, settings.Reranker, e.Message);
            return found;
        }
    }

    private async Task<double[]> ScoresAsync(string question, string[] texts, CancellationToken cancellation)
    {
        using EngineLease lease = engines.Acquire(Caller.Local, settings.Reranker);
        IRunningEngine engine = await lease.ProcessAsync(cancellation);
        var request = new RerankRequest
        {
            Model = lease.Specification.Alias,
            Query = question,
            Documents = JsonSerializer.SerializeToElement(texts, DocumentsJson.Wire.StringArray),
        };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, DocumentsJson.Wire.RerankRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await engine.Client.PostAsync("v1/rerank", content, cancellation);
        response.EnsureSuccessStatusCode();
        RerankAnswer answer = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), DocumentsJson.Wire.RerankAnswer)!;
        double[] scores = new double[texts.Length];
        foreach (RerankResult result in answer.Results)
            scores[result.Index] = result.RelevanceScore;
        return scores;
    }

    private static string Text(Scored scored)
    {
        string text = scored.Row.Heading.Length > 0 ? $"{scored.Row.Heading}\n{scored.Row.Text}" : scored.Row.Text;
        return text.Length <= Characters ? text : text[..(char.IsHighSurrogate(text[Characters - 1]) ? Characters - 1 : Characters)];
    }

    [LoggerMessage(8020, LogLevel.Warning, "The reranker {Model} (Documents:Reranker) could not be asked; passages stay in their order: {Reason}")]
    private static partial void LogNotAsked(ILogger logger, string model, string reason);
}
