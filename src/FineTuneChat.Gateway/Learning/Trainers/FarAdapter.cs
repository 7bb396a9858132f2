using System.IO.Compression;
using System.Text.Json;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>The adapter among the result files of a job elsewhere: PEFT's two files, or a zip of them.</summary>
internal static class FarAdapter
{
    private const long MostBytes = 16L << 30;

    /// <summary>The ids of a job's result files.</summary>
    public static IReadOnlyList<string> Results(JsonElement job) =>
        job.TryGetProperty("result_files", out JsonElement files) && files.ValueKind == JsonValueKind.Array
            ? [.. files.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!)]
            : [];

    /// <exception cref="VerbException">None of the files is one.</exception>
    /// <exception cref="FarException">They cannot be fetched.</exception>
    public static async Task FetchAsync(FarServer server, JsonElement job, string folder, CancellationToken cancellation)
    {
        PrivateFile.CreateFolder(folder);
        foreach (string id in Results(job))
        {
            string name = FarServer.Text(await server.GetAsync($"v1/files/{Uri.EscapeDataString(id)}", cancellation), "filename") ?? "";
            if (name is PeftFolder.ConfigName or PeftFolder.WeightsName)
                await server.DownloadAsync(id, Path.Combine(folder, name), cancellation);
            else if (name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
                await UnpackAsync(server, id, folder, cancellation);
        }
        if (!PeftFolder.IsThere(folder))
            throw new VerbException(
                $"The server has trained, but does not give the adapter back: {PeftFolder.ConfigName} and {PeftFolder.WeightsName}, or a zip of them, must be "
                + "among the job's result_files. A service that keeps what it trains cannot train for this server; use another one, or "
                + $"{TrainerSettings.Section}:Kind {TrainerSettings.Job} or {TrainerSettings.Local}.");
    }

    /// <summary>Two files by their names, wherever they lie in it; nothing else.</summary>
    private static async Task UnpackAsync(FarServer server, string id, string folder, CancellationToken cancellation)
    {
        string packed = Path.Combine(folder, "result.zip");
        await server.DownloadAsync(id, packed, cancellation);
        try
        {
            await using ZipArchive zip = await ZipFile.OpenReadAsync(packed, cancellation);
            foreach (string name in (string[])[PeftFolder.WeightsName, PeftFolder.ConfigName])
                if (zip.Entries.FirstOrDefault(entry => entry.Name == name) is { Length: <= MostBytes } entry)
                    await entry.ExtractToFileAsync(Path.Combine(folder, name), overwrite: true, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new VerbException($"The server's result file {id} is no sound zip: {e.Message}");
        }
        finally
        {
            File.Delete(packed);
        }
    }
}
