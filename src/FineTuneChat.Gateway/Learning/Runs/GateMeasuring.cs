using System.Text.Json;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Measures a candidate for the gate, beside the base and the version in service, each with the <c>llama_decode</c> that serves it.</summary>
internal sealed class GateMeasuring(
    TaughtStore taught, ReferenceReplies references, RetrainingSettings settings, EngineSettings engineSettings)
{
    private string[] Rope { get; } = [.. OptionTable.Arguments(engineSettings, option => option.IsRope)]; // measured as the engine will serve

    /// <summary>All that the rules look at.</summary>
    /// <param name="assistant">That learns.</param>
    /// <param name="run">Whose candidate it is.</param>
    /// <param name="folder">The run's files.</param>
    /// <param name="candidate">The exported file, and the adapter beside it where there is one.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<GateInput> MeasureAsync(
        Assistant assistant, string run, RunFolder folder, MeasuredModel candidate, CancellationToken cancellation)
    {
        ModelVersion inService = assistant.Versions.Active();
        var active = MeasuredModel.Of(assistant.Versions.Specification(inService));
        var ofBase = new MeasuredModel(assistant.Base.Path, null);
        (IReadOnlyList<TaughtExample> asked, int inAll) = await AskAsync(run, folder, candidate, active, ofBase, inService.RunId, cancellation);

        IReadOnlyList<MeasuredRow> unwanted = await RowsAsync(candidate, folder.Unwanted, folder.Rows, AsServed(draws: 0), cancellation);
        IReadOnlyList<MeasuredRow> unwantedActive = await RowsAsync(active, folder.Unwanted, folder.Rows, AsServed(draws: 0), cancellation);
        MemoryComparison? memory = await CompareAsync(folder, candidate, active, ofBase, cancellation);
        IReadOnlyList<MeasuredRow> held = await RowsAsync(candidate, folder.HeldOut, folder.Rows, Written, cancellation);
        IReadOnlyList<MeasuredRow> heldActive = await RowsAsync(active, folder.HeldOut, folder.Rows, Written, cancellation);
        IReadOnlyList<MeasuredRow> heldBase = active == ofBase ? heldActive : await RowsAsync(ofBase, folder.HeldOut, folder.Rows, [], cancellation);
        IReadOnlyList<MeasuredRow> test = await RowsAsync(candidate, folder.Test, folder.Rows, Written, cancellation);
        IReadOnlyList<MeasuredRow> testBase = await RowsAsync(ofBase, folder.Test, folder.Rows, Written, cancellation);
        string[] generally = settings.WrittenReplies == 0 ? [] : [.. Written, "--begun-otherwise"];
        IReadOnlyList<MeasuredRow> general = await RowsAsync(candidate, folder.Regression, folder.Rows, generally, cancellation);
        IReadOnlyList<MeasuredRow> generalBase = await references.MeasuredAsync(
            assistant.Base, folder.Regression, string.Join(' ', Rope), () => RowsAsync(ofBase, folder.Regression, folder.Rows, [], cancellation));
        return new GateInput
        {
            Taught = asked,
            TaughtInAll = inAll,
            Memory = memory,
            Unwanted = ComparedRow.Pair(unwanted, unwantedActive, unwantedActive),
            HeldOut = ComparedRow.Pair(held, heldBase, heldActive),
            Test = ComparedRow.Pair(test, testBase, []),
            General = ComparedRow.Pair(general, generalBase, []),
            ActiveFigures = inService.Figures.Deserialize(GateJson.Wire.IReadOnlyDictionaryStringGateFigure)!,
        };
    }

    /// <summary>Each taught example is asked as it will be served; of more than are asked, always the same ones.</summary>
    private async Task<(IReadOnlyList<TaughtExample> Asked, int InAll)> AskAsync(
        string run, RunFolder folder, MeasuredModel candidate, MeasuredModel active, MeasuredModel ofBase, string? runInService,
        CancellationToken cancellation)
    {
        string[] rows = await File.ReadAllLinesAsync(folder.Accepted, cancellation);
        IReadOnlyList<string> ids = taught.ExamplesOf(run);
        if (ids.Count != rows.Length)
            throw new VerbException($"The run was made of {rows.Length} examples, of which {ids.Count} are left. Train again.");
        (string Id, string Row)[] asked =
        [
            .. ids.Zip(rows).OrderBy(e => SplitRules.Fraction(e.First)).Take(settings.AskedExamples).OrderBy(e => e.First, StringComparer.Ordinal),
        ];
        PrivateFile.WriteLines(folder.Asked, asked.Select(e => e.Row));
        IReadOnlyList<MeasuredRow> after = await RowsAsync(candidate, folder.Asked, folder.Rows, AsServed(settings.Draws), cancellation);
        IReadOnlyList<MeasuredRow> before = await RowsAsync(active, folder.Asked, folder.Rows, [], cancellation);
        bool isBaseNeeded = active != ofBase && after.Any(r => r.Written is null or { Measure: WrittenMeasure.Prediction });
        IReadOnlyList<MeasuredRow> atFirst = isBaseNeeded ? await RowsAsync(ofBase, folder.Asked, folder.Rows, [], cancellation) : before;
        File.Delete(folder.Asked);
        IReadOnlyList<TaughtExample> compared = TaughtRules.Compare(
            [.. asked.Select(e => (e.Id, Wanted(e.Row)))], after, before, atFirst, taught.VerdictsBefore(run, runInService));
        return (compared, rows.Length);
    }

    /// <summary>Questions in words that it was not taught, beside what would answer them without it.</summary>
    private async Task<MemoryComparison?> CompareAsync(
        RunFolder folder, MeasuredModel candidate, MeasuredModel active, MeasuredModel ofBase, CancellationToken cancellation)
    {
        Task<IReadOnlyList<MeasuredRow>> AskAsync(MeasuredModel model, string file) => RowsAsync(model, file, folder.Rows, AsServed(draws: 0), cancellation);
        IReadOnlyList<MeasuredRow> ofCandidate = await AskAsync(candidate, folder.Reworded);
        IReadOnlyList<MeasuredRow> plain = await AskAsync(ofBase, folder.Reworded), recalled = await AskAsync(ofBase, folder.Recalled);
        return MemoryComparison.Of(ofCandidate, plain, recalled, active == ofBase ? plain : await AskAsync(active, folder.Reworded));
    }

    private static string? Wanted(string row) =>
        JsonElement.Parse(row).GetProperty("messages").EnumerateArray().Last().TryGetProperty("content", out JsonElement text) ? text.GetString() : null;

    /// <summary>Options of the verb that have every reply written: the most probable one, and so many drawn as served.</summary>
    public string[] AsServed(int draws) => ["--generate", "--max-tokens", $"{settings.WrittenTokens}", "--draws", $"{draws}"];

    /// <summary>Options of the verb that have some of the replies written anew.</summary>
    private string[] Written => settings.WrittenReplies == 0
        ? []
        : ["--generate", "--replies", $"{settings.WrittenReplies}", "--max-tokens", $"{settings.WrittenTokens}"];

    /// <summary>What <c>evaluate</c> finds on each row of a file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The file.</param>
    /// <param name="rows">Where the figures lie for a moment.</param>
    /// <param name="further">Further options of the verb.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<MeasuredRow>> RowsAsync(
        MeasuredModel model, string data, string rows, string[] further, CancellationToken cancellation)
    {
        if (!RunFolder.HasRows(data))
            return [];
        List<string> arguments =
        [
            "evaluate", "--model", model.Path, "--data", data, "--rows", rows, "--threads", $"{settings.TrainerThreads}", .. Rope, .. further,
        ];
        if (model.Adapter is not null)
            arguments.AddRange(["--adapter", model.Adapter]);
        try
        {
            await ProgramVerb.RunAsync(arguments, _ => { }, cancellation);
            string[] lines = await File.ReadAllLinesAsync(rows, cancellation);
            return [.. lines.Select(line => JsonSerializer.Deserialize(line, GateJson.Wire.MeasuredRow)!).Where(row => row.Tokens > 0)];
        }
        finally
        {
            File.Delete(rows); // it holds what the model wrote
        }
    }
}

/// <summary>A model to be measured.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Adapter">An adapter beside it; null = none.</param>
internal sealed record MeasuredModel(string Path, string? Adapter)
{
    /// <summary>The one that an engine serves.</summary>
    public static MeasuredModel Of(EngineSpecification served) => new(served.ModelPath, served.AdapterPath);
}
