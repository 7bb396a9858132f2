using System.Net;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>A replica has not answered as it should: another one may be asked.</summary>
/// <param name="error">What the client is told where there is no other.</param>
/// <param name="isDown">Whether nobody else should ask it, before it was looked at again.</param>
internal sealed class ReplicaException(OpenAiException error, bool isDown) : Exception(error.Message)
{
    public OpenAiException Error => error;
    public bool IsDown => isDown;
}

/// <summary>What goes wrong at a server elsewhere, as our clients are told it: never its address, never its key.</summary>
/// <param name="key">Ours, there.</param>
internal sealed class UpstreamError(string key)
{
    private const int LongestMessage = 500;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static OpenAiException Unavailable(string message) => OpenAiException.Unavailable(message, Soon);

    public static ReplicaException Unreachable() => new(Unavailable("The upstream cannot be reached. Try again later."), isDown: true);

    /// <summary>One connection was; others may be well.</summary>
    public static ReplicaException Lost(string how) => new(Unavailable($"The upstream {how}. Send the request once more."), isDown: false);

    public static ReplicaException Silent(int seconds) => new(
        Unavailable($"The upstream was silent for {seconds} s (Upstream:TimeoutSeconds). Try again later."), isDown: false);

    /// <summary>Of one look at it: it may be busy.</summary>
    public static ReplicaException Slow(int seconds) => new(Unavailable($"The upstream has not said in {seconds} s what it serves."), isDown: false);

    public static ReplicaException Nonsense(string what) => new(
        OpenAiException.BadGateway($"The upstream answered with {what}. Upstream:Url must name an OpenAI-compatible server.", "upstream_nonsense"),
        isDown: false);

    public static OpenAiException Lacks(string what, string? param) => OpenAiException.InvalidRequest(
        $"The upstream that answers for this model has no {what}. Leave it out, or ask a model of this machine.", param, "unsupported_by_upstream");

    /// <summary>A refusal by its status.</summary>
    /// <param name="status">HTTP's.</param>
    /// <param name="body">As far as it was read.</param>
    /// <param name="retryAfter">What it said of that.</param>
    /// <returns>A <see cref="ReplicaException"/> where another replica may do better, else what the client is told.</returns>
    public Exception Of(HttpStatusCode status, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        string said = Message(body);
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => OpenAiException.BadGateway(
                $"The upstream refuses the key that this server has for it (HTTP {(int)status}). Its administrator must correct Upstream:Key.",
                "upstream_refuses_key"),
            HttpStatusCode.TooManyRequests => new ReplicaException(
                new OpenAiException(429, new() { Message = $"The upstream is busy. {said}".Trim(), Type = "rate_limit_error", Code = "upstream_busy" },
                    retryAfter ?? Soon), isDown: false),
            HttpStatusCode.ServiceUnavailable => new ReplicaException(
                OpenAiException.Unavailable($"The upstream cannot answer now. {said}".Trim(), retryAfter ?? Soon), isDown: false),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => new ReplicaException(
                OpenAiException.BadGateway($"The upstream failed (HTTP {(int)status}). {said}".Trim(), "upstream_failed"), isDown: false),
            >= HttpStatusCode.BadRequest => OpenAiException.InvalidRequest(
                $"The upstream refuses the request: {(said.Length > 0 ? said : $"HTTP {(int)status}")}", code: "refused_by_upstream", status: (int)status),
            _ => Nonsense($"HTTP {(int)status}"),
        };
    }

    /// <summary>What a server says, however it wraps it: OpenAI's, vLLM's and FastAPI's errors are read. Never the key, should it repeat that.</summary>
    public string Message(ReadOnlySpan<byte> body)
    {
        string message = "";
        try
        {
            JsonElement root = JsonElement.Parse(body);
            message = Text(root, "error") ?? Text(root, "message") ?? Text(root, "detail") ?? "";
        }
        catch (JsonException)
        {
            // a page of a proxy, perhaps: its status says enough
        }
        if (key.Length > 0)
            message = message.Replace(key, "…", StringComparison.Ordinal);
        return message.Length > LongestMessage ? message[..LongestMessage] + "…" : message;
    }

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Text(value, "message");
}
