using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Bounds of numbers. A bound belongs to the range unless it is exclusive.</summary>
internal sealed record NumberRange
{
    public const int MostDecimals = 12;

    private const decimal Largest = 99_999_999_999_999_999_999m; // 20 digits: more than 64 bits hold
    private const decimal LargestStep = 1_000_000_000_000_000m;
    private const decimal Smallest = 1e-28m;

    public decimal? Min { get; private init; }

    public bool ExcludesMin { get; private init; }

    public decimal? Max { get; private init; }

    public bool ExcludesMax { get; private init; }

    /// <summary>Every number is a multiple of each of these.</summary>
    public IReadOnlyList<decimal> Steps { get; init; } = [];

    public string Path { get; private init; } = "#";

    public bool IsOpen => Min is null && Max is null && Steps.Count == 0;

    /// <exception cref="SchemaException">The value is no number, or cannot be enforced and was to be.</exception>
    public NumberRange With(SchemaDocument document, string path, string keyword, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Number || !json.TryGetDouble(out double rough))
            throw new SchemaException(path, "must be a number");
        NumberRange next = this with { Path = path };
        if (keyword == "multipleOf")
            return next.WithStep(document, json, rough);
        bool isMin = keyword is "minimum" or "exclusiveMinimum";
        if (Math.Abs(rough) > (double)Largest && rough > 0 == isMin)
        {
            document.LeaveOut(path, $"{json.GetRawText()} cannot be enforced; bounds of up to 20 digits can");
            return this;
        }

        decimal value = ValueOf(json, rough, isMin);
        return keyword switch
        {
            "minimum" when Min is null || value > Min => next with { Min = value, ExcludesMin = false },
            "exclusiveMinimum" when Min is null || value >= Min => next with { Min = value, ExcludesMin = true },
            "maximum" when Max is null || value < Max => next with { Max = value, ExcludesMax = false },
            "exclusiveMaximum" when Max is null || value <= Max => next with { Max = value, ExcludesMax = true },
            _ => this,
        };
    }

    public bool Contains(decimal value) =>
        (Min is not { } min || value > min || (value == min && !ExcludesMin))
        && (Max is not { } max || value < max || (value == max && !ExcludesMax))
        && Steps.All(step => value % step == 0);

    /// <summary>A bound with as many digits as can be enforced: what it leaves out is beyond the bound as it was written.</summary>
    private static decimal ValueOf(JsonElement json, double rough, bool isMin)
    {
        if (Math.Abs(rough) >= (double)Largest)
            return rough > 0 ? Largest : -Largest;
        decimal value = decimal.Parse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (value == 0 && rough != 0)
            value = rough > 0 ? Smallest : -Smallest;
        return decimal.Round(value, MostDecimals, isMin ? MidpointRounding.ToPositiveInfinity : MidpointRounding.ToNegativeInfinity);
    }

    private NumberRange WithStep(SchemaDocument document, JsonElement json, double rough)
    {
        if (rough <= 0)
            throw new SchemaException(Path, "must be above 0");
        if (rough < (double)LargestStep && decimal.TryParse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal step)
            && step > 0 && NumberPattern.Decimals(step) <= MostDecimals)
            return this with { Steps = [.. Steps, step] };
        document.LeaveOut(Path, $"{json.GetRawText()} cannot be enforced; steps of up to 15 digits and {MostDecimals} decimals can");
        return this;
    }
}
