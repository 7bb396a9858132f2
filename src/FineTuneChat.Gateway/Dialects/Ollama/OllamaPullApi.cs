using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary><c>POST /api/pull</c>: a download of the model manager, told in Ollama's lines. It goes on when the client leaves.</summary>
internal static class OllamaPullApi
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250); // between two lines

    public static void MapOllamaPull(this IEndpointRouteBuilder routes) => routes.MapPost("/api/pull", PullAsync)
        .WithTags("Ollama").WithSummary("Fetches a model from the hub").RequireScope(Scopes.Admin).WritesErrorsAs(OllamaErrors.Shape)
        .Takes(typeof(OllamaModelRequest)).Answers(typeof(OllamaStatus)).Stores()
        .Refuses(
            StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status502BadGateway,
            StatusCodes.Status507InsufficientStorage);

    private static async Task PullAsync(HttpContext http, ModelDownloads downloads, TimeProvider time)
    {
        OllamaModelRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaModelRequest);
        string name = request.Named();
        PullProgress progress = await ModelManagerApi.FromHubAsync(() => downloads.StartAsync(name, http.RequestAborted));
        NdjsonWriter? lines = request.Stream == false ? null : new(http.Response);
        lines?.Write(new OllamaStatus("pulling manifest"), OllamaJson.Wire.OllamaStatus);
        for (; progress.Status == PullStatus.Downloading; progress = downloads.List().First(d => d.Name == progress.Name))
        {
            lines?.Write(Line(progress), OllamaJson.Wire.OllamaStatus);
            if (lines is not null)
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            await Task.Delay(Interval, time, http.RequestAborted);
        }
        OpenAiException? failure = progress.Status == PullStatus.Done
            ? null
            : OpenAiException.Unprocessable(progress.Error ?? $"The download of {progress.Name} is {progress.Status}.", "model_unusable");
        if (lines is null)
        {
            await http.Response.WriteAsJsonAsync(
                failure is null ? new OllamaStatus("success") : throw failure, OllamaJson.Wire.OllamaStatus, contentType: null, http.RequestAborted);
            return;
        }
        if (failure is not null)
        {
            lines.Write(new OllamaErrorBody(failure.Message), OllamaJson.Wire.OllamaErrorBody);
        }
        else
        {
            lines.Write(Line(progress), OllamaJson.Wire.OllamaStatus);
            lines.Write(new OllamaStatus("success"), OllamaJson.Wire.OllamaStatus);
        }
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static OllamaStatus Line(PullProgress progress) =>
        new($"pulling {progress.Name}") { Digest = progress.Name, Total = progress.Total, Completed = progress.Bytes };
}
