using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Learning.Versions;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>What was deleted, and what has learned from it before.</summary>
/// <param name="Id">Of what was deleted; of conversations that were deleted together, the assistant's.</param>
/// <param name="Object">Its kind.</param>
/// <param name="Examples">Examples that went with it.</param>
/// <param name="Versions">Versions that were trained on them and are still there.</param>
/// <param name="CancelledRun">The run that was learning from it.</param>
/// <param name="Note">What follows, or can be done, in words.</param>
internal sealed record Erased(string Id, string Object, int Examples, IReadOnlyList<int> Versions, string? CancelledRun, string Note)
{
    [JsonPropertyName("deleted")]
    public bool IsDeleted => true;

    /// <summary>What becomes of what was learned from it: <c>GET /api/erasures/{id}</c>. Null where no run had used it.</summary>
    public string? Erasure { get; init; }

    /// <summary>Whether a version without it takes the place of the one in service by itself.</summary>
    public bool Retrains { get; init; }

    public static string Describe(IReadOnlyCollection<ModelVersion> learned, bool retrains)
    {
        if (learned.Count == 0)
            return "No version has learned from it.";
        int[] numbers = [.. learned.Select(v => v.Number)];
        string which = numbers.Length == 1
            ? $"Version {numbers[0]} has learned from it"
            : $"Versions {string.Join(", ", numbers[..^1])} and {numbers[^1]} have learned from it";
        const string Then = "the versions that have learned it are deleted";
        return learned.FirstOrDefault(v => v.Active) is not { } active ? $"{which}, none of them in service: {Then}."
            : retrains ? $"{which}; version {active.Number} is in service. A run without it starts by itself; when its version serves, {Then}."
            : $"{which}; version {active.Number} is in service. "
                + $"Train again to have a version without it (POST /api/training/start); when it serves, {Then}.";
    }
}

/// <summary>Conversations that were deleted together.</summary>
/// <param name="Conversations">How many.</param>
/// <param name="Data">Those with each assistant: what has learned from them.</param>
internal sealed record ErasedConversations(int Conversations, IReadOnlyList<Erased> Data)
{
    public string Object => "list";
}
