using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>What a run has begun at a server elsewhere, in its folder: a gateway that was restarted takes it up, and begins nothing twice.</summary>
internal sealed record FarJob
{
    private const string Name = "far-job.json";

    public required string Url { get; init; }

    /// <summary>The run, by which the job is found there.</summary>
    public required string Run { get; init; }

    /// <summary>Ids of files there, by what they are for.</summary>
    public Dictionary<string, string> Files { get; init; } = [];

    /// <summary>The job's id there; null: not known.</summary>
    public string? Id { get; init; }

    public static FarJob? Read(RunFolder folder)
    {
        string path = Path.Combine(folder.Root, Name);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), TrainersJson.Wire.FarJob) : null;
        }
        catch (JsonException)
        {
            return null; // cut off by a crash: the job is found there by its run
        }
    }

    public void Save(RunFolder folder) =>
        PrivateFile.WriteLines(Path.Combine(folder.Root, Name), [JsonSerializer.Serialize(this, TrainersJson.Wire.FarJob)]);

    public static void Delete(RunFolder folder) => File.Delete(Path.Combine(folder.Root, Name));
}
