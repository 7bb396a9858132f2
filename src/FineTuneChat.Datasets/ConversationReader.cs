using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets;

/// <summary>
/// Reads datasets row by row, whatever they come in: JSON (lines, lists), tables (CSV, XLSX, Parquet) and exports of chats, packed or not. What a file is, is
/// known by its content. Memory is bounded by <see cref="DatasetLimits"/>, whatever the file holds.
/// </summary>
public static class ConversationReader
{
    private const int ErrorsToName = 5, UnclearRows = 100;

    /// <summary>All rows, good and bad, while the stream is read; blank ones are passed over.</summary>
    /// <param name="stream">The file; not disposed. What cannot seek is held in memory.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="file">The file's name: it counts only where the content leaves it open.</param>
    /// <param name="options">What only its user can say.</param>
    /// <param name="report">Receives what is found out about the file.</param>
    /// <param name="clock">For <see cref="DatasetLimits.Time"/>; the system's when null.</param>
    /// <param name="cancellation">Ends reading at the next row or the next read of the stream.</param>
    /// <exception cref="DatasetQuestionException">Its user must say something about it first.</exception>
    /// <exception cref="InvalidDataException">It is no dataset, or larger than is allowed, or takes too long.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<DatasetRow> Read(
        Stream stream, DatasetLimits? limits = null, string? file = null, DatasetOptions? options = null, DatasetReport? report = null,
        TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        limits ??= new DatasetLimits();
        options ??= new DatasetOptions();
        report ??= new DatasetReport();
        var time = new ReadingTime(limits.Time, clock ?? TimeProvider.System, cancellation);
        var checks = new ConversationChecks(limits, report);
        using IEnumerator<DatasetRow> rows = new DatasetFileReader(limits, options, report, time).Rows(stream, file ?? "").GetEnumerator();
        (int count, int unclear, string? question) = (0, 0, null);
        while (MoveNext(rows, file))
        {
            DatasetRow row = rows.Current;
            time.Check();
            if (count++ == limits.Rows)
            {
                yield return new DatasetRow(row.Line, null, $"more than {limits.Rows} rows; split the file");
                yield break;
            }
            if (row.IsUnclear)
                (unclear, question) = (unclear + 1, question ?? row.Error);
            if (unclear == count && unclear == UnclearRows)
                break;
            yield return row.Conversation is null ? row : Checked(row, checks, report);
        }
        if (count == 0)
            report.Tell(NoticeKinds.EmptyRows, "there is no row of data in it");
        if (question is not null && unclear == count)
            throw new DatasetQuestionException(DatasetQuestion.Columns, $"{file ?? "The file"}: {question}.");
    }

    /// <summary>All conversations of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="options">What only its user can say.</param>
    /// <param name="report">Receives what is found out about the file.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="InvalidDataException">
    /// A row is bad, or there is none: one line with the file, the first bad rows by line number, and their reasons.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyList<Conversation> Load(
        string path, DatasetLimits? limits = null, DatasetOptions? options = null, DatasetReport? report = null, CancellationToken cancellation = default)
    {
        DatasetRow[] rows = [.. GoodRows(path, limits, options, report ?? new DatasetReport(), cancellation)];
        Conversation[] conversations = [.. rows.Select(row => row.Conversation).OfType<Conversation>()];
        if (conversations.Length > 0)
            return conversations;
        throw new InvalidDataException(rows.Length > 0
            ? $"{path}: all its {rows.Length} rows are preferences (chosen and rejected, or a label): learn them with --method dpo or kto. "
                + "To learn the chosen replies as examples say --chosen."
            : $"{path}: no rows; each line must hold one conversation.");
    }

    /// <summary>All preferences of a file.</summary>
    /// <inheritdoc cref="Load"/>
    public static IReadOnlyList<PreferenceRow> LoadPreferences(
        string path, DatasetLimits? limits = null, DatasetOptions? options = null, DatasetReport? report = null, CancellationToken cancellation = default)
    {
        options = (options ?? new DatasetOptions()) with { WantsPreferences = true };
        DatasetRow[] rows = [.. GoodRows(path, limits, options, report ?? new DatasetReport(), cancellation)];
        PreferenceRow[] preferences = [.. rows.Select(row => row.Preference).OfType<PreferenceRow>()];
        return preferences.Length == rows.Length && rows.Length > 0 ? preferences : throw new InvalidDataException(
            $"{path}: {rows.Length - preferences.Length} of {rows.Length} rows are no preferences. "
            + "Each needs {\"prompt\", \"chosen\", \"rejected\"} for --method dpo, "
            + "or {\"prompt\", \"completion\", \"label\": true or false} for --method kto.");
    }

    private static List<DatasetRow> GoodRows(
        string path, DatasetLimits? limits, DatasetOptions? options, DatasetReport report, CancellationToken cancellation)
    {
        using FileStream stream = File.OpenRead(path);
        var good = new List<DatasetRow>();
        var errors = new List<DatasetRow>();
        foreach (DatasetRow row in Read(stream, limits, path, options, report, cancellation: cancellation))
            (row.Error is null ? good : errors).Add(row);
        if (errors.Count == 0)
            return good;
        string named = string.Join("; ", errors.Take(ErrorsToName).Select(e => $"{report.Unit} {e.Line}: {e.Error}"));
        string more = errors.Count > ErrorsToName ? $"; and {errors.Count - ErrorsToName} more" : "";
        throw new InvalidDataException($"{path}: {named}{more}.");
    }

    private static DatasetRow Checked(DatasetRow row, ConversationChecks checks, DatasetReport report)
    {
        try
        {
            checks.Require(row.Conversation!);
        }
        catch (RowException e)
        {
            return row with { Conversation = null, Error = e.Message };
        }
        var notes = new RowNotes(report, row.Line);
        checks.Look(row.Conversation!, notes);
        return notes.Kinds.Count == 0 ? row : row with { Notices = [.. row.Notices.Union(notes.Kinds)] };
    }

    private static bool MoveNext(IEnumerator<DatasetRow> rows, string? file)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (DatasetQuestionException)
        {
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException) // of a damaged file the libraries throw what they like
        {
            throw new InvalidDataException($"{file ?? "The file"} cannot be read: {Reason(e)}", e);
        }
    }

    private static string Reason(Exception e)
    {
        const int Characters = 400; // of a library's message: one of them repeats all that it has read
        string reason = e.Message.Split('\n')[0].Trim();
        return reason.Length <= Characters ? reason : reason[..Characters] + "…";
    }
}
