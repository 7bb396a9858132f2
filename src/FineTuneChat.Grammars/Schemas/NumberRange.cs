using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Bounds of numbers. A bound belongs to the range unless it is exclusive.</summary>
internal sealed record NumberRange
{
    private const decimal Largest = 1_000_000_000_000_000m; // 15 digits: a double tells all of them apart

    public decimal? Min { get; private init; }

    public bool ExcludesMin { get; private init; }

    public decimal? Max { get; private init; }

    public bool ExcludesMax { get; private init; }

    /// <summary>Every number is a multiple of each of these.</summary>
    public IReadOnlyList<decimal> Steps { get; private init; } = [];

    public string Path { get; private init; } = "#";

    public bool IsOpen => Min is null && Max is null && Steps.Count == 0;

    public NumberRange With(string path, string keyword, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Number || !json.TryGetDouble(out double rough))
            throw new SchemaException(path, "must be a number");
        if (!double.IsFinite(rough) || Math.Abs(rough) >= (double)Largest
            || !decimal.TryParse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value))
            throw new SchemaException(path, $"{json.GetRawText()} cannot be enforced; numbers of up to 15 digits can");
        NumberRange next = this with { Path = path };
        switch (keyword)
        {
            case "minimum" when Min is null || value > Min:
                return next with { Min = value, ExcludesMin = false };
            case "exclusiveMinimum" when Min is null || value >= Min:
                return next with { Min = value, ExcludesMin = true };
            case "maximum" when Max is null || value < Max:
                return next with { Max = value, ExcludesMax = false };
            case "exclusiveMaximum" when Max is null || value <= Max:
                return next with { Max = value, ExcludesMax = true };
            case "multipleOf":
                return value > 0 ? next with { Steps = [.. Steps, value] } : throw new SchemaException(path, "must be above 0");
            default:
                return this;
        }
    }

    public bool Contains(decimal value) =>
        (Min is not { } min || value > min || (value == min && !ExcludesMin))
        && (Max is not { } max || value < max || (value == max && !ExcludesMax))
        && Steps.All(step => value % step == 0);
}
