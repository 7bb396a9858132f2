using System.IO.Compression;
using System.Text;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>What a version is made of, to be used elsewhere: its GGUF, and its adapter as GGUF or as PEFT's files.</summary>
internal static class VersionFilesApi
{
    private const string Gguf = "gguf", Peft = "peft", Binary = "application/octet-stream", Zip = "application/zip", Text = "text/plain";

    public static void MapVersionFiles(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/versions/{number:int}").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapGet("file", File).WithSummary("A version's GGUF").AnswersText(Binary)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapGet("modelfile", Modelfile).WithSummary("Ollama's Modelfile for a version's GGUF that lies beside it").AnswersText(Text)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapGet("adapter", Adapter).WithSummary("A version's adapter: GGUF, or with format=peft a zip of PEFT's files").AnswersText(Binary)
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
    }

    private static IResult File(int number, Assistant assistant) => Send(Merged(number, assistant), GgufName(number, assistant));

    /// <summary>The template and the end of a turn are in the GGUF, where Ollama finds them.</summary>
    private static IResult Modelfile(int number, Assistant assistant) => System.IO.File.Exists(Merged(number, assistant))
        ? Results.File(Encoding.UTF8.GetBytes($"FROM ./{GgufName(number, assistant)}\n"), Text, "Modelfile")
        : throw Missing(GgufName(number, assistant));

    private static string GgufName(int number, Assistant assistant) => $"{assistant.Id}-{number}.gguf";

    private static string Merged(int number, Assistant assistant)
    {
        ModelVersion version = Find(number, assistant);
        EngineSpecification engine = assistant.Versions.Specification(version);
        if (engine.AdapterPath is not null)
            throw OpenAiException.Conflict(
                $"Version {number} has no file of its own: it is an adapter beside {version.Base}. GET /api/versions/{number}/adapter has it.",
                "version_is_adapter");
        return engine.ModelPath;
    }

    private static IResult Adapter(int number, Assistant assistant, DataFolder folder, string? format)
    {
        if (format is not (null or Gguf or Peft))
            throw OpenAiException.InvalidRequest($"'format' is '{format}'; it must be {Gguf} or {Peft}.", "format");
        ModelVersion version = Find(number, assistant);
        if (format != Peft)
            return Send(Path.Combine(folder.VersionsOf(assistant.Id), $"{number}", "adapter.gguf"), $"{assistant.Id}-{number}-adapter.gguf");
        string[] files = version.RunId is { } run ? [.. DataFolder.PeftFiles.Select(name => Path.Combine(folder.Run(run), name)).Where(System.IO.File.Exists)] : [];
        string zip = $"{assistant.Id}-{number}-peft.zip";
        return files.Length == DataFolder.PeftFiles.Count ? Results.Stream(body => PackAsync(files, body), Zip, zip) : throw Missing(zip);
    }

    private static IResult Send(string path, string name) => System.IO.File.Exists(path)
        ? Results.File(path, Binary, name, enableRangeProcessing: true)
        : throw Missing(name);

    /// <summary>Stored, not packed: weights do not get smaller.</summary>
    internal static async Task PackAsync(string[] files, Stream body)
    {
        await using ZipArchive zip = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null);
        foreach (string file in files)
        {
            await using Stream entry = await zip.CreateEntry(Path.GetFileName(file), CompressionLevel.NoCompression).OpenAsync();
            await using FileStream source = System.IO.File.OpenRead(file);
            await source.CopyToAsync(entry);
        }
    }

    private static ModelVersion Find(int number, Assistant assistant) => assistant.Versions.Find(number) is { RemovedAt: null } version
        ? version
        : throw OpenAiException.NotFound("version", $"{number}");

    private static OpenAiException Missing(string file) => OpenAiException.InvalidRequest(
        $"There is no {file}: it was never made, or was removed.", "number", "not_found", StatusCodes.Status404NotFound);
}
