using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Making;

/// <summary>The last line of <c>make</c>.</summary>
/// <param name="Out">The GGUF file.</param>
/// <param name="Adapter">The adapter; PEFT's files lie beside it.</param>
/// <param name="Report">The model card.</param>
/// <param name="Examples">Rows that were learned.</param>
/// <param name="Test">Figures of base and result; null where no row was kept for a test.</param>
internal sealed record MakeResult(
    [property: JsonPropertyName("out")] string Out,
    [property: JsonPropertyName("adapter")] string Adapter,
    [property: JsonPropertyName("report")] string Report,
    [property: JsonPropertyName("examples")] int Examples,
    [property: JsonPropertyName("test")] TestFigures? Test)
{
    /// <summary>Stages that had something to do: 0 where nothing has changed since the last time.</summary>
    [JsonPropertyName("stages_done")]
    public int Worked { get; init; }
}

/// <summary>
/// Figures on the test rows, of the result and of the base: mean −log p per token of the replies, share of replies written word for word; of replies that
/// should be JSON the share that is, and the mean share of fields that are right (null where none should be).
/// </summary>
internal sealed record TestFigures(
    [property: JsonPropertyName("rows")] int Rows,
    [property: JsonPropertyName("loss")] double Loss,
    [property: JsonPropertyName("base_loss")] double BaseLoss,
    [property: JsonPropertyName("exact")] double Exact,
    [property: JsonPropertyName("base_exact")] double BaseExact,
    [property: JsonPropertyName("valid_json")] double? ValidJson,
    [property: JsonPropertyName("base_valid_json")] double? BaseValidJson,
    [property: JsonPropertyName("fields")] double? Fields,
    [property: JsonPropertyName("base_fields")] double? BaseFields)
{
    /// <summary>Of two results of <c>evaluate --generate</c>; null where nothing was measured.</summary>
    public static TestFigures? Of(JsonElement before, JsonElement after, int rows)
    {
        if (rows == 0)
            return null;
        (JsonElement was, JsonElement wrote) = (before.GetProperty("generated"), after.GetProperty("generated"));
        return new(
            rows, Number(after, "loss") ?? 0, Number(before, "loss") ?? 0, Number(wrote, "exact_match") ?? 0, Number(was, "exact_match") ?? 0,
            Number(wrote, "valid_json"), Number(was, "valid_json"), Number(wrote, "field_accuracy"), Number(was, "field_accuracy"));
    }

    private static double? Number(JsonElement figures, string name) =>
        figures.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}

/// <summary>The trials of a sweep.</summary>
/// <param name="Chosen">The place of the one that was taken, from 0.</param>
/// <param name="Trials">All of them.</param>
/// <param name="Training">What the trainer said of the one that was taken.</param>
internal sealed record SweepResult(int Chosen, IReadOnlyList<TrialResult> Trials, JsonElement Training);

/// <summary>One of them.</summary>
/// <param name="Title">Its options.</param>
/// <param name="ValidationLoss">On the rows to choose by.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record TrialResult(string Title, double ValidationLoss, double Seconds);

/// <summary>A text as an input of a stage.</summary>
internal static class RecordHash
{
    public static string Of(string text) => StageRecord.FilePrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
