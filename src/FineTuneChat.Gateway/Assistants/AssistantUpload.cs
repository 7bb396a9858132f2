using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Dialects.Ollama;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.AspNetCore.Http.Features;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>The form of <c>POST /api/assistants/import</c>: an assistant's file, or a Modelfile.</summary>
internal static class AssistantUpload
{
    private const int MostModelfile = 1 << 20; // bytes
    private const string Id = "id", Base = "base", Name = "file";

    /// <exception cref="OpenAiException">400: there is no file, or it is neither; what making an assistant refuses.</exception>
    public static async Task<Assistant> ReadAsync(HttpRequest request, AssistantFile files, AssistantManager manager, CancellationToken cancellation)
    {
        IFormCollection form = await FormAsync(request, cancellation);
        IFormFile file = form.Files.GetFile(Name) ?? throw OpenAiException.MissingParameter(Name);
        await using Stream content = file.OpenReadStream();
        return await IsZipAsync(content, cancellation)
            ? await files.ReadAsync(content, Given(form, Id), Given(form, Base), cancellation)
            : await manager.CreateAsync(await OfModelfileAsync(content, Given(form, Id), Given(form, Base), cancellation));
    }

    private static async Task<IFormCollection> FormAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
            throw OpenAiException.InvalidRequest(
                $"Send the file as Content-Type: multipart/form-data, with the field '{Name}'.", code: "unsupported_media_type",
                status: StatusCodes.Status415UnsupportedMediaType);
        long most = request.HttpContext.RequestServices.GetRequiredService<UploadedFiles>().MostBytes;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = most;
        try
        {
            return await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = most }, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw OpenAiException.InvalidRequest($"The form cannot be read: {e.Message}", code: "invalid_form");
        }
    }

    private static string? Given(IFormCollection form, string field) => form[field].ToString() is { Length: > 0 } value ? value : null;

    private static async Task<bool> IsZipAsync(Stream content, CancellationToken cancellation)
    {
        byte[] begin = new byte[2];
        int read = await content.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellation);
        content.Position = 0;
        return begin.AsSpan(0, read).SequenceEqual("PK"u8);
    }

    /// <summary>FROM is the base, SYSTEM the prompt, each PARAMETER a sampling default.</summary>
    private static async Task<AssistantRequest> OfModelfileAsync(Stream content, string? id, string? @base, CancellationToken cancellation)
    {
        if (content.Length > MostModelfile)
            throw OpenAiException.InvalidRequest("The file is neither one of an assistant nor a Modelfile.", Name, "invalid_file");
        using var reader = new StreamReader(content, Encoding.UTF8);
        OllamaCreateRequest read = Modelfile.Read(await reader.ReadToEndAsync(cancellation));
        string from = @base ?? ModelName.WithoutTag(read.From)
            ?? throw OpenAiException.InvalidRequest("The Modelfile has no FROM, which names the base.", Name, "invalid_file");
        JsonObject defaults = [];
        if (read.Parameters is { } parameters)
        {
            var sampling = OllamaTranslation.WithOptions(new ChatCompletionRequest(), parameters) with
            {
                MaxCompletionTokens = parameters.NumPredict is > 0 and int limit ? limit : null,
            };
            defaults = JsonSerializer.SerializeToNode(sampling, OpenAiJson.Wire.ChatCompletionRequest)!.AsObject();
        }
        return new()
        {
            Id = id ?? throw OpenAiException.MissingParameter(Id),
            Base = from,
            System = read.System,
            Request = JsonElement.Parse(defaults.ToJsonString()),
        };
    }
}

/// <summary>The fields of the form.</summary>
internal sealed record AssistantForm
{
    public required IFormFile File { get; init; }

    /// <summary>In place of the one in the file; a Modelfile has none.</summary>
    public string? Id { get; init; }

    /// <summary>A local model's name, in place of the one in the file.</summary>
    public string? Base { get; init; }
}
