using System.Globalization;
using System.Text.RegularExpressions;
using FineTuneChat.Protocol.Routes;
using Microsoft.AspNetCore.Diagnostics;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>
/// Every error leaves in OpenAI's shape, or in that of its route's dialect: thrown ones, unknown paths (404), wrong methods (405), oversized bodies (413),
/// bugs (500).
/// </summary>
internal static partial class OpenAiErrorHandling
{
    private static readonly ErrorShape OwnShape = new ErrorShape<OpenAiErrorBody>(e => new(e.Error), OpenAiJson.Wire.OpenAiErrorBody);

    /// <summary>Put first in the pipeline. An error after the response has started is the handler's own to report.</summary>
    public static IApplicationBuilder UseOpenAiErrors(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            AllowStatusCode404Response = true,
            ExceptionHandler = static http =>
            {
                IExceptionHandlerFeature? failure = http.Features.Get<IExceptionHandlerFeature>();
                return WriteAsync(http, Describe(failure?.Error), failure?.Endpoint?.Metadata.GetMetadata<ErrorShape>());
            },
            SuppressDiagnosticsCallback = static context => context.HttpContext.RequestAborted.IsCancellationRequested || IsBadChunk(context.Exception)
                || context.Exception is OpenAiException { InnerException: null } or BadHttpRequestException or OperationCanceledException,
        });
        app.UseStatusCodePages(
            static context => WriteAsync(context.HttpContext, Describe(context.HttpContext.Request, context.HttpContext.Response.StatusCode)));
        return app;
    }

    /// <summary>
    /// Writes the error as the whole response; Retry-After where it is known. Nothing to a client that has left, which is no failure of the server.
    /// </summary>
    public static async Task WriteAsync(HttpContext http, OpenAiException e, ErrorShape? shape = null)
    {
        http.Response.StatusCode = e.Status;
        if (e.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        try
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            await http.Response.BodyWriter.WriteAsync((shape ?? OwnShape).Write(e), http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
    }

    /// <summary>The OpenAI error for any exception; unexpected ones keep their details to the log.</summary>
    public static OpenAiException Describe(Exception? error) => error switch
    {
        OpenAiException known => known,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            OpenAiException.InvalidRequest(
                "The request body is larger than this server accepts.", code: "request_too_large", status: StatusCodes.Status413PayloadTooLarge),
        BadHttpRequestException bad when Unbound().Match(bad.Message) is { Success: true } query =>
            OpenAiException.InvalidRequest($"'{query.Groups[1].Value}' cannot be '{query.Groups[2].Value}'.", query.Groups[1].Value, "invalid_type"),
        BadHttpRequestException bad when Absent().Match(bad.Message) is { Success: true } query => OpenAiException.MissingParameter(query.Groups[1].Value),
        BadHttpRequestException bad => OpenAiException.InvalidRequest(bad.Message, code: null, status: bad.StatusCode),
        { } chunk when IsBadChunk(chunk) => OpenAiException.InvalidRequest("The request body has a chunk of an impossible size.", code: null),
        _ => OpenAiException.ServerError("The server failed on this request; its log says why."),
    };

    /// <summary>.NET's words about a parameter of the query, which name its types.</summary>
    [GeneratedRegex("^Failed to bind parameter \"\\S+ (\\w+)\" from \"(.*)\"")]
    private static partial Regex Unbound();

    [GeneratedRegex("^Required parameter \"\\S+ (\\w+)\" was not provided")]
    private static partial Regex Absent();

    /// <summary>Kestrel's answer to the size of a chunk that is beyond its numbers; it knows other bad sizes as bad requests.</summary>
    private static bool IsBadChunk(Exception error) => error is IOException { InnerException: OverflowException };

    private static OpenAiException Describe(HttpRequest request, int status) => OpenAiException.InvalidRequest(
        status switch
        {
            StatusCodes.Status404NotFound => $"Unknown path: {request.Method} {request.Path}.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not accept {request.Method}.",
            StatusCodes.Status415UnsupportedMediaType => "Send the body as Content-Type: application/json.",
            _ => $"The request was refused with status {status}.",
        },
        code: status switch
        {
            StatusCodes.Status404NotFound => "unknown_url",
            StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
            StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
            _ => null,
        },
        status: status);
}
