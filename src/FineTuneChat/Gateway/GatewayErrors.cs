using FineTuneChat.OpenAi;

namespace FineTuneChat.Gateway;

/// <summary>Errors of <c>/api</c> in OpenAI's shape.</summary>
internal static class GatewayErrors
{
    public static OpenAiException NotFound(string what, string id) =>
        OpenAiException.InvalidRequest($"There is no {what} '{id}'.", code: "not_found", status: StatusCodes.Status404NotFound);

    public static OpenAiException Conflict(string message, string code) =>
        OpenAiException.InvalidRequest(message, code: code, status: StatusCodes.Status409Conflict);

    public static OpenAiException Unprocessable(string message, string code) =>
        OpenAiException.InvalidRequest(message, code: code, status: StatusCodes.Status422UnprocessableEntity);
}
