using System.Text.Json;

namespace FineTuneChat.Making;

/// <summary>A stage that is done.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Inputs">All that decides its result: options as they were given, files by their SHA-256.</param>
/// <param name="Outputs">Its files, relative to the folder, by their SHA-256.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Result">What it says of itself.</param>
internal sealed record StageRecord(
    string Stage, IReadOnlyDictionary<string, string> Inputs, IReadOnlyDictionary<string, string> Outputs, double Seconds, JsonElement Result)
{
    /// <summary>What is otherwise now, in words; empty where nothing is.</summary>
    public IReadOnlyList<string> ChangesTo(IReadOnlyDictionary<string, string> now) =>
    [
        .. now.Keys.Union(Inputs.Keys).Where(key => now.GetValueOrDefault(key) != Inputs.GetValueOrDefault(key)).Select(key =>
            now.GetValueOrDefault(key, "").StartsWith(FilePrefix, StringComparison.Ordinal) ? $"{key} has changed"
            : $"{key} was {Shown(Inputs.GetValueOrDefault(key))} and is {Shown(now.GetValueOrDefault(key))}"),
    ];

    public const string FilePrefix = "sha256:";

    private static string Shown(string? value) => string.IsNullOrEmpty(value) ? "not given" : value;
}
