using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// The files of a run: what is accepted, on the sides where it stays for ever, what was preferred and rated down, what the base must not forget, and what the
/// gate asks.
/// </summary>
internal sealed class RunPreparation(
    ExampleStore examples, PreferenceStore preferences, QuestionRewriter rewriter, RecallStore recall, ReferenceReplies references, IExampleLimit limit,
    RetrainingSettings settings)
{
    /// <summary>Writes them, unless they are there.</summary>
    /// <exception cref="VerbException">Nothing is left to learn from.</exception>
    public async Task PrepareAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        if (File.Exists(folder.Dataset))
            return;
        await reporter.SetAsync(reporter.Current with { Status = RunStatus.Preparing });

        // 1. What is learned, and what is avoided.
        IReadOnlyList<Example> accepted = await FittingAsync(assistant, examples.Accepted(assistant.Id), cancellation);
        IReadOnlyList<MergedExample> merged = ExampleRules.Merge(accepted);
        Example[] selected = [.. merged.Select(m => m.Example)];
        IReadOnlyList<Example> unwanted = FeedbackRows.Merge(await FittingAsync(assistant, examples.Unwanted(assistant.Id), cancellation), accepted);
        if (selected.Length + unwanted.Count == 0)
            throw new VerbException("No example is left to learn from.");
        IReadOnlyDictionary<string, string> sides = SplitRules.Assign(selected, settings.HeldOutShare, settings.TestShare, settings.HeldOutMinimum);
        await examples.UseAsync(reporter.Current.Id, merged, sides);
        await examples.AvoidAsync(reporter.Current.Id, unwanted);

        // 2. In which words, beside which of the base's own replies.
        Example[] trained = [.. selected.Where(e => sides[e.Id] == SplitRules.Train)];
        Wordings wordings = await rewriter.RewriteAsync(assistant, trained, cancellation);
        int replays = TrainingData.Replays(trained.Length + trained.Sum(e => wordings.Learned[e.Id].Count()), assistant.Base.IsSmall, settings);
        TrainingData rows = TrainingData.Of(selected, sides, wordings.Learned, await references.GetAsync(assistant, replays, cancellation), replays);
        IReadOnlyList<string> feedback = settings.LearnFromRejections
            ? FeedbackRows.Of(trained, unwanted, preferences.Rejected(assistant.Id), preferences.Shorter(assistant.Id))
            : [];
        (IReadOnlyList<string> reworded, IReadOnlyList<string> recalled) = MemoryRows.Of(trained, wordings.HeldOut, recall.Rows(assistant.Id));

        // 3. Under the assistant's prompt; what the base said stays as it is.
        void Write(string file, IEnumerable<string> asked) => PrivateFile.WriteLines(file, asked.Select(assistant.Settings.PutIntoRow));
        PrivateFile.WriteLines(folder.Keep, rows.Keep);
        PrivateFile.WriteLines(folder.Regression, rows.Regression);
        Write(folder.HeldOut, rows.HeldOut);
        Write(folder.Test, rows.Test);
        Write(folder.Accepted, rows.Accepted);
        Write(folder.Feedback, FeedbackRows.Repeated(feedback, rows.Train.Count + rows.Keep.Count));
        Write(folder.Unwanted, unwanted.Select(e => ExampleRow.Of(e.Messages, e.Tools)));
        Write(folder.Reworded, reworded);
        Write(folder.Recalled, recalled);
        Write(folder.Dataset, rows.Train); // last: when it is there, all are
        await reporter.SetAsync(reporter.Current with { Examples = rows.Accepted.Count, HeldOut = rows.HeldOut.Count });
    }

    /// <summary>What can be learned; what is too long is kept aside with that reason.</summary>
    private async Task<IReadOnlyList<Example>> FittingAsync(Assistant assistant, IReadOnlyList<Example> all, CancellationToken cancellation)
    {
        var fitting = new List<Example>();
        foreach (Example example in all)
        {
            if (await limit.IsTooLongAsync(assistant.Id, example.Messages, example.Tools, cancellation))
                await examples.KeepAsideAsync(example.Id, ExampleFlags.TooLong);
            else
                fitting.Add(example);
        }
        return fitting;
    }
}
