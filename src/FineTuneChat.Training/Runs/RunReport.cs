using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Runs;

/// <summary><c>run.json</c>: what an adapter was made of and what came out, for whoever finds it.</summary>
public static class RunReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes the report. The file appears under its name only when it is complete.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="basePath">The base model's file.</param>
    /// <param name="sources">The fingerprints of the files that it was made of.</param>
    /// <param name="examples">Rows that were trained on.</param>
    /// <param name="options">How it learned.</param>
    /// <param name="result">What came out.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, string basePath, RunSources sources, int examples, FineTuneOptions options, FineTuneResult result)
    {
        string path = Path.Combine(folder, "run.json"), unfinished = path + ".partial";
        var report = new { @base = basePath, base_sha256 = sources.Base, dataset_sha256 = sources.Data, examples, options, result };
        File.WriteAllText(unfinished, JsonSerializer.Serialize(report, Json));
        File.Move(unfinished, path, overwrite: true);
    }
}
