using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Datasets.Splits;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Making;

/// <summary>What the first stage found and did, as its record keeps it.</summary>
/// <param name="Read">Rows that were read.</param>
/// <param name="Bad">Rows that could not be read, and were left out because that was asked for.</param>
/// <param name="Other">Rows of another kind than the method learns: preferences among examples, or examples among preferences.</param>
/// <param name="Cleaned">What each rule did.</param>
/// <param name="Train">Rows to learn.</param>
/// <param name="Validation">Rows to choose by.</param>
/// <param name="Test">Rows to measure with.</param>
/// <param name="Measured">Test rows with a reply that is wanted: of ratings, the good ones.</param>
/// <param name="Notices">What the importer says of the files, without their texts.</param>
internal sealed record DataReport(
    int Read, int Bad, int Other, IReadOnlyList<CleaningFigure> Cleaned, int Train, int Validation, int Test, int Measured,
    IReadOnlyList<string> Notices)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <summary>From the user's files to three files of rows: import, clean, split.</summary>
/// <param name="order">What is to be made.</param>
/// <param name="files">The user's files by what they are for.</param>
/// <param name="tell">Receives what the importer says of a file.</param>
internal sealed class DataStage(MakeOrder order, DatasetFolder files, Action<string, DatasetReport> tell)
{
    private const int ErrorsToName = 5;

    private readonly DatasetCleaner _cleaner = new(order.Rules);
    private readonly List<string> _notices = [];
    private int _read, _bad, _other;

    public DataReport Write(MakeFolder folder, CancellationToken cancellation)
    {
        // The test first: of two rows that say the same, it keeps its own.
        DatasetRow[] test = Rows(files.Test, cancellation), validation = Rows(files.Validation, cancellation), train = Rows(files.Train, cancellation);
        DatasetSplit split = DatasetSplit.Of(
            train, validation.Length > 0 ? 0 : order.ValidationShare, test.Length > 0 ? 0 : order.TestShare, order.Seed, order.NeedsValidation);
        split = split with { Validation = [.. validation, .. split.Validation], Test = [.. test, .. split.Test] };
        if (split.Train.Count == 0)
            throw new UserException(
                $"{string.Join(", ", files.Train)}: nothing is left to learn of {_read} rows: {string.Join(", ", Reasons())}. "
                + "Rules are switched off with --no-clean.");
        Directory.CreateDirectory(folder.Data);
        Save(folder.Train, split.Train);
        Save(folder.Validation, split.Validation);
        Save(folder.Test, split.Test);
        int measured = split.Test.Count(row => order.IsSupervised || row.Preference!.IsGood);
        return new DataReport(_read, _bad, _other, _cleaner.Figures, split.Train.Count, split.Validation.Count, split.Test.Count, measured, _notices);
    }

    private IEnumerable<string> Reasons() =>
        _cleaner.Figures.Where(f => f.LeftOut > 0).Select(f => $"{f.LeftOut} left out by {f.Rule}").Append($"{_other} of another kind");

    private DatasetRow[] Rows(IReadOnlyList<string> paths, CancellationToken cancellation) => [.. paths.SelectMany(path => Rows(path, cancellation))];

    private List<DatasetRow> Rows(string path, CancellationToken cancellation)
    {
        var good = new List<DatasetRow>();
        var errors = new List<DatasetRow>();
        var report = new DatasetReport();
        using FileStream stream = File.OpenRead(path);
        try
        {
            DatasetOptions options = order.Told with { WantsPreferences = !order.IsSupervised };
            foreach (DatasetRow row in ConversationReader.Read(stream, file: path, options: options, report: report, cancellation: cancellation))
            {
                _read++;
                if (row.Error is not null)
                    errors.Add(row);
                else if (!IsOfMethod(row))
                    _other++;
                else if (_cleaner.Clean(row) is { } cleaned)
                    good.Add(cleaned);
            }
        }
        finally
        {
            tell(path, report);
        }
        _notices.AddRange(report.Notices.Select(n => $"{Path.GetFileName(path)}: {n.Text}{(n.Count > 0 ? $" ({n.Count})" : "")}"));
        if (errors.Count > 0 && !order.SkipsBadRows)
        {
            string named = string.Join("; ", errors.Take(ErrorsToName).Select(e => $"{report.Unit} {e.Line}: {e.Error}"));
            string more = errors.Count > ErrorsToName ? $"; and {errors.Count - ErrorsToName} more" : "";
            throw new UserException($"{path}: {named}{more}. Mend them, or leave them out with --skip-bad-rows.");
        }
        _bad += errors.Count;
        return good;
    }

    private bool IsOfMethod(DatasetRow row) => order.Method switch
    {
        "dpo" => row.Preference?.Rejected is not null,
        "kto" => row.Preference is { Rejected: null },
        _ => row.Conversation is not null,
    };

    private void Save(string path, IReadOnlyList<DatasetRow> rows)
    {
        string unfinished = path + DataFolder.Unfinished;
        using (FileStream stream = PrivateFile.Open(unfinished, FileMode.Create, FileShare.None))
        using (var buffered = new BufferedStream(stream, 1 << 16))
            foreach (DatasetRow row in rows)
            {
                if (order.IsSupervised)
                    ConversationWriter.Write(buffered, row.Conversation!);
                else
                    ConversationWriter.Write(buffered, row.Preference!);
            }
        File.Move(unfinished, path, overwrite: true);
    }
}
