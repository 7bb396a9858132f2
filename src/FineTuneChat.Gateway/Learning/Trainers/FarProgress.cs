using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Learning.Runs;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>The steps among the events of a job elsewhere.</summary>
internal static partial class FarProgress
{
    /// <summary>Those after a step, in their order.</summary>
    /// <param name="events">A page of them.</param>
    /// <param name="after">Known already.</param>
    /// <param name="secondsLeft">As the job says.</param>
    public static IEnumerable<RunProgress> Of(JsonElement events, int after, double? secondsLeft) => List(events)
        .Select(e => Step(e, secondsLeft)).OfType<RunProgress>().Where(p => p.Step > after).OrderBy(p => p.Step);

    public static IReadOnlyList<JsonElement> List(JsonElement page) =>
        page.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array
            ? [.. data.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object)]
            : throw FarException.Nonsense();

    /// <summary>OpenAI's words: "Step 88/91: training loss=0.12", with the figures in its data.</summary>
    private static RunProgress? Step(JsonElement e, double? secondsLeft)
    {
        if (FarServer.Text(e, "message") is not { } message || StepOf().Match(message) is not { Success: true } match)
            return null;
        JsonElement? data = e.TryGetProperty("data", out JsonElement given) && given.ValueKind == JsonValueKind.Object ? given : null;
        return new RunProgress
        {
            Step = int.Parse(match.Groups["step"].Value, CultureInfo.InvariantCulture),
            Steps = int.Parse(match.Groups["steps"].Value, CultureInfo.InvariantCulture),
            Loss = Number(data, "train_loss"),
            ValLoss = Number(data, "valid_loss"),
            SecondsLeft = secondsLeft,
        };
    }

    private static double? Number(JsonElement? data, string name) =>
        data is { } figures && figures.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    [GeneratedRegex(@"^Step (?<step>\d{1,8})/(?<steps>\d{1,8})\b", RegexOptions.ExplicitCapture)]
    private static partial Regex StepOf();
}
