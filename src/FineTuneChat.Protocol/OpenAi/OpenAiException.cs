namespace FineTuneChat.Protocol.OpenAi;

/// <summary>A failure with its HTTP status and OpenAI error. Thrown anywhere below a handler; <see cref="OpenAiErrorHandling"/> writes it.</summary>
/// <param name="status">HTTP's.</param>
/// <param name="error">What the client gets.</param>
/// <param name="retryAfter">When to try again, where that is known.</param>
/// <param name="cause">What failed inside the server: then its log says so, too.</param>
internal sealed class OpenAiException(int status, OpenAiError error, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(error.Message, cause)
{
    /// <summary>The code of what a model is not made for.</summary>
    public const string ModelNotSupported = "model_not_supported";

    private const string InvalidRequestType = "invalid_request_error";

    public int Status => status;
    public OpenAiError Error => error;
    public TimeSpan? RetryAfter => retryAfter;

    public static OpenAiException InvalidRequest(
        string message, string? param = null, string? code = "invalid_value", int status = StatusCodes.Status400BadRequest) =>
        new(status, new() { Message = message, Type = InvalidRequestType, Param = param, Code = code });

    public static OpenAiException MissingParameter(string name, string what = "") =>
        InvalidRequest($"'{name}' is missing{what}.", name, "missing_required_parameter");

    public static OpenAiException UnknownParameter(string name) =>
        InvalidRequest($"Unknown parameter: '{name}'.", name, "unknown_parameter");

    public static OpenAiException UnsupportedParameter(string name, string why) =>
        InvalidRequest($"Unsupported parameter: '{name}'. {why}", name, "unsupported_parameter");

    public static OpenAiException NotFound(string what, string id) =>
        InvalidRequest($"There is no {what} '{id}'.", code: "not_found", status: StatusCodes.Status404NotFound);

    public static OpenAiException Conflict(string message, string code) =>
        InvalidRequest(message, code: code, status: StatusCodes.Status409Conflict);

    public static OpenAiException Unprocessable(string message, string code) =>
        InvalidRequest(message, code: code, status: StatusCodes.Status422UnprocessableEntity);

    public static OpenAiException ModelNotFound(string? model, IEnumerable<string> available) =>
        InvalidRequest(
            $"The model '{model}' does not exist. Available: {string.Join(", ", available)}.", "model", "model_not_found", StatusCodes.Status404NotFound);

    /// <param name="param">What is too long: messages, prompt, input.</param>
    /// <param name="promptTokens">How long it is.</param>
    /// <param name="contextLength">How long it may be, the reply included.</param>
    /// <param name="isLeast">Whether it may be longer: it was refused before it was tokenised.</param>
    public static OpenAiException ContextLengthExceeded(string param, int promptTokens, int contextLength, bool isLeast = false) =>
        new(StatusCodes.Status400BadRequest, new()
        {
            Message = $"'{param}' is {(isLeast ? "at least " : "")}{promptTokens} tokens long; "
                + $"this model's context holds {contextLength}, the reply included. Shorten it.",
            Type = InvalidRequestType,
            Param = param,
            Code = "context_length_exceeded",
            NPromptTokens = promptTokens,
            NCtx = contextLength,
        });

    /// <summary>No folding helps: what is always kept is too long by itself.</summary>
    /// <param name="tokens">How long it is.</param>
    /// <param name="contextLength">How long it may be, the reply included.</param>
    public static OpenAiException LastTurnTooLong(int tokens, int contextLength) =>
        new(StatusCodes.Status400BadRequest, new()
        {
            Message = $"The last message alone, with what belongs to it (system prompt, tools and their results), is {tokens} tokens long; "
                + $"this model's context holds {contextLength}, the reply included. Shorten this message: a new conversation would not help.",
            Type = InvalidRequestType,
            Param = "messages",
            Code = "context_length_exceeded",
            NPromptTokens = tokens,
            NCtx = contextLength,
        });

    public static OpenAiException QueueFull(int requests, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new()
        {
            Message = $"All places are taken: {requests} requests are running or waiting. Try again in {retryAfter.TotalSeconds:0} s.",
            Type = "rate_limit_error",
            Code = "queue_full",
        }, retryAfter);

    public static OpenAiException AdaptersBusy(int adapters, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new()
        {
            Message = $"All {adapters} adapters that fit (Engine:MaxAdapters) are in use, and others wait. Try again in {retryAfter.TotalSeconds:0} s.",
            Type = "rate_limit_error",
            Code = "adapters_busy",
        }, retryAfter);

    public static OpenAiException TooManyRequests(int perMinute, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new()
        {
            Message = $"More than {perMinute} requests in a minute (Security:RequestsPerMinute). Try again in {Math.Ceiling(retryAfter.TotalSeconds):0} s.",
            Type = "rate_limit_error",
            Code = "rate_limit_exceeded",
        }, retryAfter);

    public static OpenAiException TooManyAtOnce(int requests, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new()
        {
            Message = $"{requests} requests of yours are under way, more at the same time are not allowed (Security:ConcurrentRequests). Wait for one of them.",
            Type = "rate_limit_error",
            Code = "too_many_concurrent_requests",
        }, retryAfter);

    public static OpenAiException StorageFull(string message) =>
        new(StatusCodes.Status507InsufficientStorage, new() { Message = message, Type = "server_error", Code = "storage_full" });

    public static OpenAiException Unavailable(string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, new() { Message = message, Type = "unavailable_error", Code = "unavailable" }, retryAfter);

    /// <summary>There is no model at all.</summary>
    public static OpenAiException NoModel(string reason) =>
        new(StatusCodes.Status503ServiceUnavailable, new() { Message = reason, Type = "unavailable_error", Code = "no_model" });

    /// <summary>A model that is there but does not start; it is not tried again before somebody asks for that.</summary>
    public static OpenAiException ModelUnusable(string model, string problem) =>
        new(StatusCodes.Status503ServiceUnavailable, new()
        {
            Message = $"{model} cannot be used: {problem} It is not tried again before it is loaded by hand: on the page under Models, or by "
                + $"POST /api/models/{Uri.EscapeDataString(model)}/load.",
            Type = "unavailable_error",
            Param = "model",
            Code = "model_unusable",
        });

    public static OpenAiException BadGateway(string message, string code) =>
        new(StatusCodes.Status502BadGateway, new() { Message = message, Type = "server_error", Code = code });

    public static OpenAiException ServerError(string message, string code = "server_error") =>
        new(StatusCodes.Status500InternalServerError, new() { Message = message, Type = "server_error", Code = code });
}
