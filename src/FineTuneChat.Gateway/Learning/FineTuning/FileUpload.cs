using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>The body of <c>POST /v1/files</c>: a form whose file goes to the disk as it comes.</summary>
internal static class FileUpload
{
    private const int MostBoundary = 200, MostField = 1000; // characters
    private const long Form = 1 << 20; // bytes beside the file
    private static readonly string[] Purposes = [UploadedFile.FineTune, "user_data", UploadedFile.Assistants, "batch", "evals", "vision"];

    /// <exception cref="OpenAiException">400: the form has no file, or no purpose; 413: the file is too large.</exception>
    public static async Task<UploadedFile> ReadAsync(HttpRequest request, Caller caller, UploadedFiles files, CancellationToken cancellation)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = files.MostBytes + Form;
        var reader = new MultipartReader(Boundary(request), request.Body) { HeadersLengthLimit = 16 << 10 };
        string? purpose = null;
        UploadedFile? file = null;
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                if (section.AsFileSection() is { Name: "file", FileStream: { } content } part && file is null)
                    file = await files.AddAsync(
                        caller, content, Name(part.FileName), async () => purpose ??= await RestAsync(reader, cancellation), cancellation);
                else if (section.AsFormDataSection() is { Name: "purpose" } field)
                    purpose = Purpose(await field.GetValueAsync(cancellation));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw OpenAiException.InvalidRequest($"The form cannot be read: {e.Message}", code: "invalid_form");
        }
        return file ?? throw OpenAiException.InvalidRequest("The form has no field 'file'.", "file", "missing_required_parameter");
    }

    /// <summary>The purpose where it stands behind the file.</summary>
    private static async Task<string> RestAsync(MultipartReader reader, CancellationToken cancellation)
    {
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            if (section.AsFormDataSection() is { Name: "purpose" } field)
                return Purpose(await field.GetValueAsync(cancellation));
        throw OpenAiException.InvalidRequest("The form has no field 'purpose'.", "purpose", "missing_required_parameter");
    }

    private static string Purpose(string value) => Purposes.Contains(value)
        ? value
        : throw OpenAiException.InvalidRequest(
            $"'purpose' is '{value[..Math.Min(value.Length, MostField)]}'; allowed: {string.Join(", ", Purposes)}.", "purpose");

    /// <summary>Without folders, whatever the client's system writes between them.</summary>
    private static string Name(string name)
    {
        string last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return last.Length is > 0 and <= MostBoundary ? last : "file";
    }

    private static string Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MostBoundary } boundary
            ? boundary.ToString()
            : throw OpenAiException.InvalidRequest(
                "Send the file as Content-Type: multipart/form-data, with the fields 'purpose' and 'file'.", code: "unsupported_media_type",
                status: StatusCodes.Status415UnsupportedMediaType);
}

/// <summary>The fields of the form.</summary>
internal sealed record FileForm
{
    [AllowedValues(UploadedFile.FineTune, "user_data", UploadedFile.Assistants, "batch", "evals", "vision")] public required string Purpose { get; init; }
    public required IFormFile File { get; init; }
}
