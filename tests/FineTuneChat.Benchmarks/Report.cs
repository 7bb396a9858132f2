using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace FineTuneChat.Benchmarks;

/// <summary>The figures of a run: a table for people, one JSON line for machines.</summary>
internal sealed class Report
{
    private readonly List<Figure> _figures = [];

    /// <param name="what">Unique within the run.</param>
    /// <param name="value">In <paramref name="unit"/>.</param>
    /// <param name="unit">Such as tokens/s.</param>
    /// <param name="ratio">To what the same run measured as the best that could be; null for that best itself.</param>
    /// <param name="of">What the ratio is to.</param>
    /// <param name="atMost">The bar: what the ratio, or without one the value, may be; null = none.</param>
    /// <param name="atLeast">The same from below.</param>
    public void Add(string what, double value, string unit, double? ratio = null, string? of = null, double? atMost = null, double? atLeast = null)
    {
        bool? passed = atMost is null && atLeast is null ? null : (ratio ?? value) <= (atMost ?? double.PositiveInfinity) && (ratio ?? value) >= (atLeast ?? 0);
        _figures.Add(new Figure(what, Math.Round(value, 3), unit, ratio is null ? null : Math.Round(ratio.Value, 3), of, atMost, atLeast, passed));
        Console.Error.WriteLine($"{what}: {Format(value)} {unit}{(ratio is null ? "" : $" ({ratio:P0} of {of})")}");
    }

    public void Print()
    {
        var table = new Table().AddColumns("what", "value", "unit", "ratio", "of", "bar");
        foreach (Figure f in _figures)
            table.AddRow(
                f.What.EscapeMarkup(), Format(f.Value), f.Unit.EscapeMarkup(),
                f.Ratio?.ToString("P0", CultureInfo.InvariantCulture) ?? "", (f.Of ?? "").EscapeMarkup(), Verdict(f));
        AnsiConsole.Write(table);
        Console.WriteLine(JsonSerializer.Serialize(new { cores = Environment.ProcessorCount, figures = _figures }, JsonSerializerOptions.Web));
    }

    private static string Verdict(Figure f)
    {
        if ((f.AtMost ?? f.AtLeast) is not { } bar)
            return "";
        string least = f.AtMost is null ? "≥" : "≤", limit = f.Ratio is null ? Format(bar) : bar.ToString("P0", CultureInfo.InvariantCulture);
        return $"{least} {limit}: {(f.Passed == true ? "passed" : "failed")}";
    }

    private static string Format(double value) => value.ToString(value < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);

    private sealed record Figure(string What, double Value, string Unit, double? Ratio, string? Of, double? AtMost, double? AtLeast, bool? Passed);
}
