using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>
/// A job for another gateway, by its metadata: it only trains. Its rows become no examples here, no version comes of it and no gate asks about it; the
/// adapter is among its <c>result_files</c>. Metadata, since every client can send it and no server refuses it.
/// </summary>
/// <param name="Files">Further files, by the key that names them.</param>
/// <param name="Options">How it learns.</param>
internal sealed record GuestOrder(IReadOnlyDictionary<string, string> Files, RunOptions Options)
{
    /// <summary>Keys of the metadata.</summary>
    public const string TrainOnly = "train_only", RunKey = "run", OptionsKey = "options", Keep = "keep_file", Until = "until_file", Feedback = "feedback_file";

    /// <summary>Null: it is for the assistant here.</summary>
    /// <exception cref="OpenAiException">400: its options are none.</exception>
    public static GuestOrder? Of(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.TryGetValue(TrainOnly, out string? wish) || wish != "true")
            return null;
        try
        {
            RunOptions options = metadata.TryGetValue(OptionsKey, out string? given)
                ? JsonSerializer.Deserialize(given, RunsJson.Wire.RunOptions) ?? new RunOptions()
                : new RunOptions();
            _ = options.Complete(RunOptions.Defaults);
            return new GuestOrder(metadata.Where(m => m.Key is Keep or Until or Feedback).ToDictionary(m => m.Key, m => m.Value), options);
        }
        catch (JsonException e)
        {
            throw OpenAiException.InvalidRequest($"'metadata.{OptionsKey}' must be the JSON of a run's options: {e.Message}", $"metadata.{OptionsKey}");
        }
    }
}
