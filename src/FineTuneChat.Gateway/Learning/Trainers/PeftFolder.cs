using System.Text.Json;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>An adapter as PEFT keeps it, and what its <c>adapter_config.json</c> says of it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Base">What the base is called there.</param>
/// <param name="Revision">The base's commit or branch.</param>
/// <param name="Rank">Of its matrices.</param>
internal sealed record PeftFolder(string Path, string? Base, string? Revision, int? Rank)
{
    public const string ConfigName = DataFolder.PeftConfig, WeightsName = DataFolder.PeftWeights;

    /// <summary>Whether both files are there. PEFT writes the configuration last.</summary>
    public static bool IsThere(string folder) =>
        DataFolder.PeftFiles.All(name => File.Exists(System.IO.Path.Combine(folder, name)));

    /// <exception cref="VerbException">A file is missing, or the configuration is none.</exception>
    public static PeftFolder Open(string folder)
    {
        if (!IsThere(folder))
            throw new VerbException($"The trainer has ended, but {folder} lacks {ConfigName} or {WeightsName}: it must leave PEFT's two files there.");
        try
        {
            JsonElement config = JsonElement.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, ConfigName)));
            return new PeftFolder(
                folder, Text(config, "base_model_name_or_path"), Text(config, "revision"),
                config.TryGetProperty("r", out JsonElement rank) && rank.TryGetInt32(out int value) ? value : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new VerbException($"The trainer's {ConfigName} cannot be read: {e.Message}");
        }
    }

    private static string? Text(JsonElement config, string name) =>
        config.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
