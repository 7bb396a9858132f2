using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Reads a JSON body; whatever is wrong with it becomes a 400 that names the parameter.</summary>
internal static partial class RequestReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private const long MaxReserved = 1 << 20; // bytes, before any has come

    /// <exception cref="OpenAiException">415 for another content type, 400 for malformed JSON, a wrong type or a missing body.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type) where T : class => Read(await ReadBodyAsync(request), type);

    /// <summary>The body's bytes: text, though not necessarily JSON.</summary>
    /// <exception cref="OpenAiException">415 for another content type, 400 for what is no Unicode.</exception>
    public static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        RequireJson(request);
        RequireUnpacked(request);
        using var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, MaxReserved));
        try
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException)
        {
            throw OpenAiException.InvalidRequest("The body is not what its Content-Encoding says, or it is cut.", code: "invalid_body");
        }
        ReadOnlySpan<byte> text = body.GetBuffer().AsSpan(0, (int)body.Length);
        byte[] bytes = text[(text.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0)..].ToArray();
        if (!UnicodeText.IsValid(bytes))
            throw OpenAiException.InvalidRequest(
                "The body is not valid JSON: it has bytes that are no UTF-8, or an escape that is half of a character.", code: "invalid_json");
        return bytes;
    }

    /// <summary>As <see cref="ReadAsync"/>, from bytes that are already here.</summary>
    public static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw NotAnObject();
        }
        catch (JsonException e)
        {
            throw Describe(e, type);
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            throw OpenAiException.InvalidRequest(
                "Send the body as Content-Type: application/json.", code: "unsupported_media_type", status: StatusCodes.Status415UnsupportedMediaType);
    }

    /// <summary>The pipeline has unpacked what it can, and taken the header away.</summary>
    private static void RequireUnpacked(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw OpenAiException.InvalidRequest(
                $"A body with Content-Encoding '{encoding}' is not read here; the gateway takes gzip, br and deflate.", code: "unsupported_media_type",
                status: StatusCodes.Status415UnsupportedMediaType);
    }

    private static OpenAiException NotAnObject() => OpenAiException.InvalidRequest("The body must be a JSON object.", code: null);

    private static OpenAiException Describe(JsonException e, JsonTypeInfo root)
    {
        if (e.InnerException is JsonException) // the reader's: malformed text
            return OpenAiException.InvalidRequest($"The body is not valid JSON: {e.Message}", code: "invalid_json");

        if (Twice().Match(e.Message) is { Success: true } twice)
            return OpenAiException.InvalidRequest($"'{twice.Groups[1].Value}' is given twice.", twice.Groups[1].Value, "invalid_json");
        if (Missing().Match(e.Message) is { Success: true } missing)
            return OpenAiException.MissingParameter(missing.Groups[1].Value);

        string? param = e.Path is null or "$" ? null : e.Path.StartsWith("$.", StringComparison.Ordinal) ? e.Path[2..] : e.Path;
        if (param is null)
            return root.Properties.Count == 0 || e.Message.Contains("could not be converted", StringComparison.Ordinal)
                ? NotAnObject()
                : OpenAiException.InvalidRequest(e.Message, code: null);

        string message = e.Message.Contains("could not be converted", StringComparison.Ordinal)
            ? $"Invalid type for '{param}'{Expected(param, root)}."
            : e.Message; // one of our converters wrote it
        return OpenAiException.InvalidRequest(message, param, "invalid_type");
    }

    /// <summary>.NET's words, which name its types.</summary>
    [GeneratedRegex("^Duplicate property '(.+?)' encountered")]
    private static partial Regex Twice();

    [GeneratedRegex("was missing required properties including: '(.+?)'")]
    private static partial Regex Missing();

    /// <summary>What a top-level parameter should have been, in the words of JSON.</summary>
    private static string Expected(string param, JsonTypeInfo root)
    {
        Type? type = root.Properties.FirstOrDefault(p => p.Name == param)?.PropertyType;
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            null => "",
            _ when type == typeof(string) => ": expected a string",
            _ when type == typeof(bool) => ": expected true or false",
            _ when type == typeof(int) || type == typeof(long) => ": expected an integer",
            _ when type == typeof(double) => ": expected a number",
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => ": expected an array",
            _ => ": expected an object",
        };
    }
}
