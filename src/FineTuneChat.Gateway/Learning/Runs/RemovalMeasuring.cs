using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Asks models about what was erased: its texts come from memory and lie on the disk only while they are measured.</summary>
internal sealed class RemovalMeasuring(
    GateMeasuring measuring, ErasedTexts erased, TaughtStore taught, ExampleStore examples, RetrainingSettings settings)
{
    private const int Samples = 20;

    /// <summary>What the gate must know of a candidate after something was removed.</summary>
    /// <param name="assistant">That learns.</param>
    /// <param name="run">Whose candidate it is.</param>
    /// <param name="folder">The run's files.</param>
    /// <param name="candidate">The exported file, and the adapter beside it where there is one.</param>
    /// <param name="input">What is measured already.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Removal> MeasureAsync(
        Assistant assistant, string run, RunFolder folder, MeasuredModel candidate, GateInput input, CancellationToken cancellation)
    {
        ModelVersion inService = assistant.Versions.Active();
        IReadOnlyList<ErasedReply> replies = await AskAsync(assistant, erased.All(assistant.Id), candidate, folder.Erased, folder.Rows, cancellation);
        if (!taught.IsOnlyRemoval(run, inService.RunId))
            return new Removal { Erased = replies };
        var served = MeasuredModel.Of(assistant.Versions.Specification(inService));
        IReadOnlyList<MeasuredRow> active = await measuring.RowsAsync(served, folder.Regression, folder.Rows, [], cancellation);
        return new Removal { Erased = replies, General = ComparedRow.Pair([.. input.General.Select(row => row.Candidate)], active, []) };
    }

    /// <summary>How likely erased replies are under a model and under the base. Left out is what another accepted example teaches as well.</summary>
    /// <param name="assistant">Whose they were.</param>
    /// <param name="texts">What was erased.</param>
    /// <param name="model">The model.</param>
    /// <param name="file">Where the texts lie while they are measured.</param>
    /// <param name="rows">Where the figures lie for a moment.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<ErasedReply>> AskAsync(
        Assistant assistant, IReadOnlyList<ErasedText> texts, MeasuredModel model, string file, string rows, CancellationToken cancellation)
    {
        ErasedText[] asked = [.. Untaught(assistant.Id, texts).OrderBy(t => t.Sha256, StringComparer.Ordinal).Take(settings.AskedExamples)];
        if (asked.Length == 0)
            return [];
        try
        {
            PrivateFile.WriteLines(file, asked.Select(t => assistant.Settings.PutIntoRow(t.Row)));
            string[] asServed = measuring.AsServed(Samples);
            IReadOnlyList<MeasuredRow> now = await measuring.RowsAsync(model, file, rows, asServed, cancellation);
            IReadOnlyList<MeasuredRow> atFirst = await measuring.RowsAsync(new MeasuredModel(assistant.Base.Path, null), file, rows, asServed, cancellation);
            return [.. now.Join(atFirst, row => row.Row, row => row.Row, (row, other) => new ErasedReply(asked[row.Row - 1].Sha256, row, other))];
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + DataFolder.Unfinished);
        }
    }

    /// <summary>What nothing teaches any more.</summary>
    public IReadOnlyList<ErasedText> Untaught(string assistant, IReadOnlyList<ErasedText> texts)
    {
        if (texts.Count == 0)
            return [];
        HashSet<DedupKey> known = [.. examples.Accepted(assistant).Select(e => DedupKey.Of(e.Messages))];
        return [.. texts.Where(text => !known.Contains(text.Key))];
    }
}
