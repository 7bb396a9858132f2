using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Making;

/// <summary>Shows a training while it runs: it gets what shows a step, and returns the training's result.</summary>
internal delegate Task<JsonElement> ShowTraining(Func<Action<TrainingProgress>, Task<JsonElement>> run);

/// <summary>
/// Data → parts → adapter → GGUF → figures → card. Each stage but the first and the last is a verb of this program in a process of its own, as in the
/// gateway's runs, so that what is made here is what the verbs make by hand.
/// </summary>
/// <param name="order">What is to be made.</param>
/// <param name="tell">Receives lines for people.</param>
/// <param name="notice">Receives what the importer says of a file.</param>
/// <param name="show">Shows the training.</param>
internal sealed class MakePipeline(MakeOrder order, Action<string> tell, Action<string, DatasetReport> notice, ShowTraining show)
{
    private const int MostWritten = 200; // replies of the test that are written; losses are of all rows

    private readonly MakeFolder _folder = new(order.Out);

    /// <summary>All of it, or what is left of it.</summary>
    /// <exception cref="UserException">The data, the base or an option is not as it must be; or another process works in the folder.</exception>
    /// <exception cref="VerbException">A stage failed.</exception>
    public async Task<MakeResult> RunAsync(CancellationToken cancellation)
    {
        PrivateFile.CreateFolder(_folder.Root);
        using FileStream alone = Lock();
        var ledger = new StageLedger(_folder, 6 + (order.Sweep?.Trials.Count ?? 0), tell);
        StageRecord data = await PrepareAsync(ledger, cancellation);
        DataReport report = data.Result.Deserialize<DataReport>(DataReport.Json)!;
        StageRecord training = order.Sweep is null
            ? await TrainAsync(ledger, report, "train", "training", _folder.Adapter, order.Options, cancellation)
            : await ChooseAsync(ledger, report, order.Sweep, cancellation);
        StageRecord export = await ExportAsync(ledger, report, cancellation);
        string model = Path.Combine(_folder.Root, export.Outputs.Keys.Single());
        StageRecord before = await MeasureAsync(ledger, report, "measure_base", "figures of the base", order.Base, cancellation);
        StageRecord after = await MeasureAsync(ledger, report, "measure", "figures of the result", model, cancellation);
        var test = TestFigures.Of(before.Result, after.Result, report.Measured);
        await DescribeAsync(ledger, new ModelCard(order, report, training, export, test), model, cancellation);
        tell(ledger.Worked == 0
            ? $"Nothing has changed since {order.Out} was made: there was nothing to do."
            : $"Made: {model}. Figures and how to use it: {_folder.Card}.");
        return new MakeResult(model, MakeFolder.Results(_folder.Adapter)[0], _folder.Card, report.Train, test) { Worked = ledger.Worked };
    }

    /// <summary>1. The rows: read, cleaned, in three parts.</summary>
    private async Task<StageRecord> PrepareAsync(StageLedger ledger, CancellationToken cancellation)
    {
        DatasetFolder[] given = [.. order.Data.Select(DatasetFolder.Of)];
        var files = new DatasetFolder(
            [.. given.SelectMany(g => g.Train)], [.. given.SelectMany(g => g.Validation), .. order.Validation], [.. given.SelectMany(g => g.Test)]);
        var inputs = new Dictionary<string, string>
        {
            ["--method"] = order.Method,
            ["--clean"] = string.Join(',', order.Rules.Select(rule => rule.Name)),
            ["--test-share"] = OptionTable.Text(order.TestShare),
            ["--val-share"] = OptionTable.Text(order.ValidationShare),
            ["--skip-bad-rows"] = OptionTable.Text(order.SkipsBadRows),
            ["--seed"] = $"{order.Seed}",
            ["--sweep or --early-stopping"] = OptionTable.Text(order.NeedsValidation),
            ["--map, --as, --encoding, --chosen"] = order.ToldText,
        };
        foreach (string file in files.All)
            inputs[file] = await ledger.HashAsync(file);
        StageRecord record = await ledger.RunAsync("data", "reading, cleaning and splitting the data", inputs, () =>
        {
            DataReport report = new DataStage(order, files, notice).Write(_folder, cancellation);
            return Task.FromResult<(JsonElement, IReadOnlyList<string>)>(
                (JsonSerializer.SerializeToElement(report, DataReport.Json), [_folder.Train, _folder.Validation, _folder.Test]));
        });
        DataReport told = record.Result.Deserialize<DataReport>(DataReport.Json)!;
        tell($"      {told.Read} rows: {told.Train} to learn, {told.Validation} to choose by, {told.Test} for the test"
            + string.Concat(told.Cleaned.Where(c => c.Changed + c.LeftOut > 0).Select(c => $"; {c.Rule}: {c.Changed} changed, {c.LeftOut} left out")) + ".");
        if (told.Test == 0)
            tell("      No row is kept for a test: there will be no figures of what the model has not seen.");
        if (order.NeedsValidation && told.Validation == 0)
            throw new UserException(
                "There is no row to choose by: give more data, a file with valid in its name, or a larger --val-share; "
                + "or do without --sweep and --early-stopping.");
        return record;
    }

    /// <summary>2. The adapter. An interrupted training goes on at its checkpoint.</summary>
    private async Task<StageRecord> TrainAsync(
        StageLedger ledger, DataReport data, string stage, string title, string trainer, RunOptions options, CancellationToken cancellation)
    {
        string[] learning = [.. OptionTable.Arguments(options), "--method", order.Method, .. order.MethodOptions];
        var inputs = new Dictionary<string, string>
        {
            ["the base"] = await ledger.HashAsync(order.Base),
            ["the data to learn"] = await ledger.HashAsync(_folder.Train),
            ["the data to choose by"] = await ledger.HashAsync(_folder.Validation),
            ["options of the training"] = string.Join(' ', learning),
        };
        StageRecord record = await ledger.RunAsync(stage, title, inputs, async () =>
        {
            // Of a trainer whose make was killed: it ends as soon as it sees that.
            await RunFolder.WaitUntilFreeAsync(Path.Combine(trainer, "progress.jsonl"), cancellation);
            List<string> arguments =
            [
                "train", "--base", order.Base, "--data", _folder.Train, "--out", trainer, "--resume", "--restart-if-changed", "--threads", $"{order.Threads}",
                .. learning,
            ];
            if (data.Validation > 0)
                arguments.AddRange(["--val", _folder.Validation]);
            JsonElement result = await show(step => ProgramVerb.RunAsync(
                arguments, line => Show(line, step), cancellation, told: tell));
            return (result, MakeFolder.Results(trainer));
        });
        foreach (string left in (string[])["checkpoint.gguf", "checkpoint.old.gguf", "best.gguf"]) // no more needed, and larger than all that is
            File.Delete(Path.Combine(trainer, left));
        return record;
    }

    /// <summary>2. The same for each trial; the one whose loss on the rows to choose by is lowest is taken.</summary>
    private async Task<StageRecord> ChooseAsync(StageLedger ledger, DataReport data, Sweep sweep, CancellationToken cancellation)
    {
        var trials = new List<StageRecord>();
        foreach (var (i, trial) in sweep.Trials.Index())
        {
            (string stage, string title, string trainer) = ($"trial {trial.Title}", $"trial {i + 1}: {trial.Title}", _folder.Trial(i + 1));
            trials.Add(await TrainAsync(ledger, data, stage, title, trainer, trial.Over(order.Options), cancellation));
        }
        int best = Enumerable.Range(0, trials.Count).MinBy(i => LossOf(trials[i]));
        var inputs = new Dictionary<string, string>();
        foreach (string file in MakeFolder.Results(_folder.Trial(best + 1)))
            inputs[Path.GetRelativePath(_folder.Root, file)] = await ledger.HashAsync(file);
        return await ledger.RunAsync("choose", $"taking trial {best + 1}: {sweep.Trials[best].Title}", inputs, () =>
        {
            Directory.CreateDirectory(_folder.Adapter);
            foreach ((string from, string to) in MakeFolder.Results(_folder.Trial(best + 1)).Zip(MakeFolder.Results(_folder.Adapter)))
            {
                File.Copy(from, to + DataFolder.Unfinished, overwrite: true);
                File.Move(to + DataFolder.Unfinished, to, overwrite: true);
            }
            var table = new SweepResult(best, [.. trials.Select((t, i) => new TrialResult(sweep.Trials[i].Title, LossOf(t), t.Seconds))], trials[best].Result);
            return Task.FromResult((JsonSerializer.SerializeToElement(table, DataReport.Json), MakeFolder.Results(_folder.Adapter)));
        });
    }

    /// <summary>3. The file that is used: merged, quantised.</summary>
    private async Task<StageRecord> ExportAsync(StageLedger ledger, DataReport data, CancellationToken cancellation)
    {
        string adapter = MakeFolder.Results(_folder.Adapter)[0], type = order.Type ?? MakeOrder.UsualType;
        bool mayGiveWay = order.Type is null && data.Validation > 0 && order.IsSupervised;
        var inputs = new Dictionary<string, string>
        {
            ["the base"] = await ledger.HashAsync(order.Base),
            ["the adapter"] = await ledger.HashAsync(adapter),
            ["--type"] = order.Type ?? "",
        };
        return await ledger.RunAsync("export", "merging and quantising", inputs, async () =>
        {
            string unfinished = Path.Combine(_folder.Root, "model.gguf" + DataFolder.Unfinished);
            List<string> arguments =
            [
                "export", "--base", order.Base, "--adapter", adapter, "--type", type, "--out", unfinished, "--threads", $"{order.Threads}",
                "--name", order.Name,
            ];
            if (order.IsSupervised)
                arguments.AddRange(["--data", _folder.Train]);
            if (mayGiveWay)
                arguments.AddRange(["--val", _folder.Validation]);
            JsonElement result = await ProgramVerb.RunAsync(arguments, _ => { }, cancellation, told: tell);
            string path = _folder.Model(result.GetProperty("type").GetString()!);
            File.Move(unfinished, path, overwrite: true);
            return (result, [path]);
        });
    }

    /// <summary>4., 5. A model on the rows that nothing was chosen by.</summary>
    private async Task<StageRecord> MeasureAsync(
        StageLedger ledger, DataReport data, string stage, string title, string model, CancellationToken cancellation)
    {
        var inputs = new Dictionary<string, string>
        {
            ["the model"] = await ledger.HashAsync(model),
            ["the test"] = await ledger.HashAsync(_folder.Test),
            ["--max-tokens"] = $"{order.MaxTokens}",
        };
        return await ledger.RunAsync(stage, title, inputs, async () =>
        {
            if (data.Measured == 0)
                return (JsonSerializer.SerializeToElement(new { rows = 0 }), []);
            List<string> arguments =
            [
                "evaluate", "--model", model, "--data", _folder.Test, "--generate", "--max-tokens", $"{order.MaxTokens}", "--threads", $"{order.Threads}",
            ];
            if (data.Measured > MostWritten)
                arguments.AddRange(["--replies", $"{MostWritten}"]);
            if (!order.IsSupervised)
                arguments.Add("--chosen");
            return (await ProgramVerb.RunAsync(arguments, _ => { }, cancellation, told: tell), []);
        });
    }

    /// <summary>6. What it is, for whoever finds it.</summary>
    private async Task DescribeAsync(StageLedger ledger, ModelCard card, string model, CancellationToken cancellation)
    {
        string text = card.Write(ledger.Done, Path.GetFileName(model));
        var inputs = new Dictionary<string, string> { ["the figures"] = RecordHash.Of(text) };
        await ledger.RunAsync("card", "writing the model card", inputs, async () =>
        {
            await File.WriteAllTextAsync(_folder.Card + DataFolder.Unfinished, text, cancellation);
            File.Move(_folder.Card + DataFolder.Unfinished, _folder.Card, overwrite: true);
            return (JsonSerializer.SerializeToElement(new { }), [_folder.Card]);
        });
    }

    private FileStream Lock()
    {
        try
        {
            return PrivateFile.Open(_folder.Lock, FileMode.OpenOrCreate, FileShare.None); // the system gives it back, however the process ends
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new UserException($"Another make works in {_folder.Root}. Wait for it, or choose another folder with --out.", e);
        }
    }

    private static double LossOf(StageRecord trial) =>
        trial.Result.TryGetProperty("val_loss", out JsonElement loss) && loss.ValueKind == JsonValueKind.Number ? loss.GetDouble() : double.PositiveInfinity;

    private static void Show(JsonElement line, Action<TrainingProgress> step)
    {
        if (line.TryGetProperty("step", out _))
            step(line.Deserialize<TrainingProgress>()!);
    }
}
