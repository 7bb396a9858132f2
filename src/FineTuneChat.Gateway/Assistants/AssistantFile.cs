using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>
/// An assistant as one file, a zip: <c>assistant.json</c> with its settings, <c>dataset.jsonl</c> with what is accepted, in the format that any trainer reads,
/// and <c>adapter.gguf</c>, what its version in service has learned. Conversations stay: they are of those who had them.
/// </summary>
internal sealed class AssistantFile(
    AssistantManager manager, ModelCatalog catalog, ExampleStore examples, ExampleImport imports, VersionSwitch inService, Database database, DataFolder data)
{
    public const string ContentType = "application/zip";
    private const string Head = "assistant.json", Dataset = "dataset.jsonl", Adapter = "adapter.gguf";
    private const long MostHead = 1 << 20, MostDataset = 1L << 30; // bytes, unpacked
    private const int SmallestZip = 22; // bytes: its end alone, which .NET seeks without looking

    public async Task WriteAsync(Assistant assistant, Stream target, CancellationToken cancellation)
    {
        AssistantSettings settings = assistant.Settings;
        ModelVersion? version = assistant.Problem is null ? assistant.Versions.Active() : null;
        string adapter = Path.Combine(data.VersionsOf(assistant.Id), $"{version?.Number}", Adapter);
        bool isTaught = version is { Number: > 0 } && File.Exists(adapter);
        await using ZipArchive zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        var head = new AssistantHead
        {
            Id = settings.Id,
            Name = settings.Title,
            Avatar = settings.Letter,
            Base = version?.Base ?? settings.Base,
            BaseSha256 = version?.BaseSha256,
            System = settings.System,
            Request = JsonElement.Parse(settings.Request),
            Figures = isTaught ? version!.Figures : null,
        };
        await WriteAsync(zip, Head, CompressionLevel.Optimal, JsonSerializer.SerializeToUtf8Bytes(head, AssistantsJson.Wire.AssistantHead), cancellation);
        await using (Stream rows = await zip.CreateEntry(Dataset).OpenAsync(cancellation))
            foreach (string row in examples.Rows(assistant.Id))
                await rows.WriteAsync(Encoding.UTF8.GetBytes(row + "\n"), cancellation);
        if (!isTaught)
            return;
        await using Stream entry = await zip.CreateEntry(Adapter, CompressionLevel.NoCompression).OpenAsync(cancellation); // weights do not get smaller
        await using FileStream weights = File.OpenRead(adapter);
        await weights.CopyToAsync(entry, cancellation);
    }

    /// <summary>Another assistant with the same settings, examples and version in service, but for what the request says.</summary>
    /// <exception cref="OpenAiException">As <see cref="AssistantManager.CreateAsync"/>.</exception>
    public async Task<Assistant> CopyAsync(Assistant from, AssistantRequest request, CancellationToken cancellation)
    {
        Assistant made = await manager.CreateAsync(request, from.Settings);
        await ImportRowsAsync(made, new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', examples.Rows(from.Id)))), from.Id, cancellation);
        if (from.Problem is null && from.Versions.Active() is { Number: > 0 } version && version.BaseSha256 == made.Base.Sha256)
            await TeachAsync(made, Path.Combine(data.VersionsOf(from.Id), $"{version.Number}", Adapter), version.Figures);
        return made;
    }

    /// <summary>Makes an assistant from what <see cref="WriteAsync(Assistant, Stream, CancellationToken)"/> has written.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="id">In place of the one in the file.</param>
    /// <param name="base">In place of the one in the file: a local model's name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OpenAiException">400: it is no such file; 409: the id is taken; 422: the base is not here.</exception>
    public async Task<Assistant> ReadAsync(Stream file, string? id, string? @base, CancellationToken cancellation)
    {
        try
        {
            if (file.Length < SmallestZip)
                throw new InvalidDataException("it is cut off.");
            await using ZipArchive zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellation);
            AssistantHead head = await HeadAsync(zip, cancellation);
            BaseModel? model = await BaseAsync(@base, head, needsSame: zip.GetEntry(Adapter) is not null);
            Assistant made = await manager.CreateAsync(head.ToRequest(id, model?.Name));
            if (zip.GetEntry(Dataset) is { Length: > 0 and <= MostDataset } rows)
            {
                await using Stream content = await rows.OpenAsync(cancellation);
                using var seekable = new MemoryStream();
                await content.CopyToAsync(seekable, cancellation);
                seekable.Position = 0;
                await ImportRowsAsync(made, seekable, head.Id ?? Head, cancellation);
            }
            if (zip.GetEntry(Adapter) is { } adapter)
                await TeachAsync(made, adapter, head.Figures, cancellation);
            return made;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or GgufException)
        {
            throw OpenAiException.InvalidRequest($"This is no file of an assistant: {e.Message}", "file", "invalid_file");
        }
    }

    private static async Task<AssistantHead> HeadAsync(ZipArchive zip, CancellationToken cancellation)
    {
        if (zip.GetEntry(Head) is not { Length: <= MostHead } entry)
            throw new InvalidDataException($"there is no {Head} in it.");
        await using Stream json = await entry.OpenAsync(cancellation);
        return await JsonSerializer.DeserializeAsync(json, AssistantsJson.Wire.AssistantHead, cancellation)
            ?? throw new InvalidDataException($"{Head} is empty.");
    }

    /// <summary>An adapter fits the very file that it was trained on; without one any base will do.</summary>
    private async Task<BaseModel?> BaseAsync(string? asked, AssistantHead head, bool needsSame)
    {
        string[] names = [.. ((string?[])[asked, head.Base]).OfType<string>(), .. needsSame ? catalog.List().Select(m => m.Name) : []];
        foreach (LocalModel local in names.Distinct().Select(catalog.Find).OfType<LocalModel>())
        {
            BaseModel model = await BaseModel.OpenAsync(local, database);
            if (!needsSame || model.Sha256 == head.BaseSha256)
                return model;
        }
        if (head.Base is null && !needsSame)
            return null;
        throw OpenAiException.Unprocessable(
            needsSame
                ? $"What it has learned needs its base, '{head.Base}' (SHA-256 {head.BaseSha256?[..8]}…), and that file is not in the models folder. "
                    + "Fetch it first."
                : $"Its base, '{asked ?? head.Base}', is not in the models folder. Fetch it, or choose another with the field 'base'.",
            "base_missing");
    }

    private async Task ImportRowsAsync(Assistant made, Stream rows, string from, CancellationToken cancellation)
    {
        if (rows.Length > 0)
            await imports.RunAsync(made.Id, new DatasetSource(rows, $"{from}.jsonl"), isDryRun: false, cancellation);
    }

    private async Task TeachAsync(Assistant made, string adapter, JsonElement figures)
    {
        if (!File.Exists(adapter))
            return;
        await TeachAsync(made, path =>
        {
            File.Copy(adapter, path);
            return Task.CompletedTask;
        }, figures);
    }

    private Task TeachAsync(Assistant made, ZipArchiveEntry adapter, JsonElement? figures, CancellationToken cancellation) =>
        TeachAsync(made, path => adapter.ExtractToFileAsync(path, overwrite: false, cancellation), figures);

    /// <summary>Version 1: the adapter beside the base. It serves if it starts; otherwise the version says why not, and the base serves.</summary>
    private async Task TeachAsync(Assistant made, Func<string, Task> write, JsonElement? figures)
    {
        string versions = data.VersionsOf(made.Id);
        int number = made.Versions.NextNumber();
        string unfinished = Path.Combine(VersionFolder.Begin(versions, number), Adapter);
        await write(unfinished);
        if (ModelKind.Of(GgufFile.OpenGeneral(unfinished)) is null)
            throw new InvalidDataException($"{Adapter} is a model, not what one has learned.");
        string path = Path.Combine(VersionFolder.Finish(versions, number), Adapter), name = Path.GetRelativePath(data.Root, path);
        await made.Versions.AddAsync(new ModelVersion
        {
            Number = number,
            Assistant = made.Id,
            Active = false,
            CreatedAt = 0,
            Base = made.Base.Name,
            BaseSha256 = made.Base.Sha256,
            RunId = null,
            File = name,
            Adapter = name,
            Type = $"{made.Base.Type}+LoRA",
            Bytes = new FileInfo(path).Length,
            Figures = figures ?? JsonElement.Parse("{}"),
            Sha256 = await FileHash.ComputeAsync(path),
        });
        try
        {
            await inService.SwitchAsync(made.Versions.Find(number)!, CancellationToken.None);
        }
        catch (EngineException)
        {
            // the version has the reason
        }
    }

    private static async Task WriteAsync(ZipArchive zip, string name, CompressionLevel level, byte[] bytes, CancellationToken cancellation)
    {
        await using Stream entry = await zip.CreateEntry(name, level).OpenAsync(cancellation);
        await entry.WriteAsync(bytes, cancellation);
    }
}

/// <summary><c>assistant.json</c>: an assistant's settings in a file.</summary>
internal sealed record AssistantHead
{
    public string? Id { get; init; }
    public string? Name { get; init; }
    public string? Avatar { get; init; }
    public string? Base { get; init; }
    public string? BaseSha256 { get; init; }
    public string? System { get; init; }
    public JsonElement? Request { get; init; }

    /// <summary>What the gate has measured of the adapter.</summary>
    public JsonElement? Figures { get; init; }

    public AssistantRequest ToRequest(string? id, string? model) => new()
    {
        Id = id ?? Id,
        Name = Name,
        Avatar = Avatar,
        Base = model,
        System = System,
        Request = Request,
    };
}
