using System.Collections.Concurrent;
using System.Globalization;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>How far the training graph is from llama.cpp, relative L2.</summary>
/// <param name="Exact">On the same weights in F32, where llama.cpp rounds nothing.</param>
/// <param name="Served">On the file itself.</param>
internal readonly record struct Distance(double Exact, double Served);

internal readonly record struct ArchitectureFigures(Distance Logits, Distance Adapter, Distance Merge, double Gradient);

/// <summary>
/// What <see cref="ArchitectureTests"/> measured, as the tables of docs/training-architectures.md. They are written there anew by
/// <c>FTC_SCALE=10 FTC_TABLE=$PWD/docs/training-architectures.md dotnet test tests/FineTuneChat.Training.Tests --filter A_trained_model</c>.
/// </summary>
internal sealed class ArchitectureTable
{
    private const string Begin = "<!-- measured: begin -->", End = "<!-- measured: end -->";

    private readonly ConcurrentDictionary<(string Case, ModelFileType Type), ArchitectureFigures> _figures = [];

    public void Add(string name, ModelFileType type, ArchitectureFigures figures) => _figures[(name, type)] = figures;

    public void Write()
    {
        if (Environment.GetEnvironmentVariable("FTC_TABLE") is not { } path)
            return;
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = text.IndexOf(End, StringComparison.Ordinal);
        File.WriteAllText(path, $"{text[..begin]}\n{string.Join("\n", Tables())}\n{text[end..]}");
    }

    private IEnumerable<string> Tables() =>
    [
        .. Table("Logits", f => Text(f.Logits)), .. Table("Adapter's file", f => Text(f.Adapter)), .. Table("Merged file", f => Text(f.Merge)),
        .. Table("Gradient", f => Text(f.Gradient)),
    ];

    private IEnumerable<string> Table(string what, Func<ArchitectureFigures, string> cell)
    {
        ModelFileType[] types = [.. _figures.Keys.Select(k => k.Type).Distinct().OrderBy(type => Array.IndexOf(ArchitectureTests.Types, type))];
        yield return $"| {what} | {string.Join(" | ", types)} |";
        yield return $"|---|{string.Concat(types.Select(_ => "---|"))}";
        foreach (string name in ArchitectureCases.All.Keys)
        {
            IEnumerable<string> cells = types.Select(type => _figures.TryGetValue((name, type), out ArchitectureFigures figures) ? cell(figures) : "");
            yield return $"| {name} | {string.Join(" | ", cells)} |";
        }
        yield return "";
    }

    private static string Text(Distance distance) => $"{Text(distance.Exact)} · {Text(distance.Served)}";

    private static string Text(double error) => error.ToString("0e-0", CultureInfo.InvariantCulture);
}
