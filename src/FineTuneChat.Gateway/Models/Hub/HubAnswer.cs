using System.Globalization;
using System.Net;
using System.Text.Json;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>What the hub says of a file before it redirects to where the file is stored.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of large files, in lower-case hexadecimal.</param>
internal sealed record LinkedFile(long? Bytes, string? Sha256)
{
    private const int HashDigits = 64;

    /// <summary>From the hub's headers; null where it sends none.</summary>
    public static LinkedFile? Of(HttpResponseMessage response)
    {
        string? size = Header(response, "X-Linked-Size"), tag = Header(response, "X-Linked-Etag")?.Trim('"').ToLowerInvariant();
        bool isHash = tag is { Length: HashDigits } && tag.All(char.IsAsciiHexDigit);
        long? bytes = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        return bytes is null && !isHash ? null : new(bytes, isHash ? tag : null);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}

/// <summary>An answer after all redirects.</summary>
internal sealed class HubAnswer(HttpResponseMessage response, LinkedFile? linked) : IDisposable
{
    private const int MostShown = 300;

    public HttpResponseMessage Response => response;
    public LinkedFile? Linked => linked;

    /// <summary>Size of the whole file, where the answer says it.</summary>
    public long? FileBytes => response.Content.Headers.ContentRange?.Length
        ?? (response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null) ?? linked?.Bytes;

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter(TimeProvider time) => response.Headers.RetryAfter is not { } header
        ? null
        : header.Delta ?? (header.Date - time.GetUtcNow() is { } left ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : null);

    /// <summary>What an answer that is no success means for the user.</summary>
    public async Task<HubException> ProblemAsync(string what, bool hasToken, CancellationToken cancellation)
    {
        string host = response.RequestMessage!.RequestUri!.Host;
        string said = await SaidAsync(cancellation);
        string needsToken = "set Models:HubToken, FINETUNECHAT__Models__HubToken or HF_TOKEN";
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new(HubFault.NotFound, $"There is no {what} at {host}.{said}"),
            HttpStatusCode.Unauthorized when !hasToken => new(
                HubFault.Denied, $"{what} does not exist at {host}, or only for those with a token. Check the name; for a private or gated model {needsToken}.{said}"),
            HttpStatusCode.Unauthorized => new(HubFault.Denied, $"{host} refuses the token for {what}: {needsToken} anew, and check the name.{said}"),
            HttpStatusCode.Forbidden or HttpStatusCode.UnavailableForLegalReasons => new(
                HubFault.Denied, $"{host} does not give {what} to you: accept the model's conditions on its page there{(hasToken ? "" : $", and {needsToken}")}.{said}"),
            HttpStatusCode.TooManyRequests => new(HubFault.Unreachable, $"{host} has had too many requests from here (429). Try again later.{said}"),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => new(
                HubFault.Unreachable, $"{host} answers {(int)response.StatusCode} for {what}. Try again later.{said}"),
            _ => new(HubFault.Broken, $"{host} answers {(int)response.StatusCode} for {what}.{said}"),
        };
    }

    public void Dispose() => response.Dispose();

    /// <summary>The hub's own words, where it has any: one line, without what a terminal would obey.</summary>
    private async Task<string> SaidAsync(CancellationToken cancellation)
    {
        string? text = response.Headers.TryGetValues("X-Error-Message", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        if (text is null && response.Content.Headers.ContentType?.MediaType == "application/json" && response.Content.Headers.ContentLength is < 1 << 16)
        {
            try
            {
                using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
                text = body.RootElement is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String
                    ? error.GetString()
                    : null;
            }
            catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
            {
                // then there are no words
            }
        }
        string line = string.Concat((text ?? "").Where(c => !char.IsControl(c)).Take(MostShown)).Trim();
        return line.Length > 0 ? $" It says: {line}" : "";
    }
}
