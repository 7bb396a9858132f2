namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>The figures behind a verdict, by name. Pure.</summary>
internal static class GateFigures
{
    public static IReadOnlyDictionary<string, GateFigure> Of(GateInput input)
    {
        var figures = new Dictionary<string, GateFigure>();
        if (input.Taught.Count > 0)
        {
            TaughtExample[] known = [.. input.Taught.Where(t => t.VerdictBefore is not null)];
            figures["taught_learned_share"] = new(
                LearnedShare(input.Taught), known.Length == 0 ? null : known.Average(t => TaughtVerdict.Score(t.VerdictBefore!)));
        }
        MeasuredRow[] taught = [.. input.Taught.Select(t => t.Candidate)], active = [.. input.Taught.Select(t => t.Active)];
        Add("accepted_loss", Loss, taught, active);
        Add("accepted_token_accuracy", Accuracy, taught, active);
        AddWritten("accepted", taught, []);

        Add("unwanted_written", rows => Share(rows.Where(r => r.Written is not null), r => r.Written!.Right),
            [.. input.Unwanted.Select(r => r.Candidate)], [.. input.Unwanted.Select(r => r.Active).OfType<MeasuredRow>()]);

        MeasuredRow[] held = [.. input.HeldOut.Select(r => r.Candidate)], heldBase = [.. input.HeldOut.Select(r => r.Base)];
        MeasuredRow[] heldActive = [.. input.HeldOut.Select(r => r.Active).OfType<MeasuredRow>()];
        Add("held_out_loss", Loss, held, heldActive, heldBase);
        Add("held_out_token_accuracy", Accuracy, held, heldActive, heldBase);
        AddWritten("held_out", held, heldActive);

        MeasuredRow[] test = [.. input.Test.Select(r => r.Candidate)], testBase = [.. input.Test.Select(r => r.Base)];
        Add("test_loss", Loss, test, [], testBase);
        Add("test_token_accuracy", Accuracy, test, [], testBase);
        Add("test_written_right", rows => Share(rows.Where(r => r.Written is not null), r => r.Written!.Right), test, [], testBase);
        Add("test_written_json_rate", JsonRate, test, [], testBase);

        MeasuredRow[] general = [.. input.General.Select(r => r.Candidate)], generalBase = [.. input.General.Select(r => r.Base)];
        Add("regression_loss", Loss, general, [], generalBase);
        Add("regression_token_accuracy", Accuracy, general, [], generalBase);
        Add("regression_opening_accuracy", rows => Share(rows, r => r.Begun), general, [], generalBase);
        Add("regression_reply_accuracy", rows => Share(rows, r => r.Whole), general, [], generalBase);
        Add("regression_stop_rate", rows => Share(rows, r => r.Ended), general, [], generalBase);
        AddWritten("regression", general, []);
        return figures;

        void AddWritten(string kind, MeasuredRow[] candidate, MeasuredRow[] other)
        {
            Add($"{kind}_written_stop_rate", rows => Share(rows.Where(r => r.Written is not null), r => r.Written!.Ended), candidate, other);
            Add($"{kind}_written_length", Length, candidate, other);
            Add($"{kind}_written_json_rate", JsonRate, candidate, other);
        }

        void Add(string name, Func<MeasuredRow[], double?> value, MeasuredRow[] candidate, MeasuredRow[] other, MeasuredRow[]? ofBase = null)
        {
            if (value(candidate) is not { } of)
                return;
            double? known = input.ActiveFigures.TryGetValue(name, out GateFigure? figure) ? figure.Candidate : null;
            double? before = value(other) ?? (name.StartsWith("regression", StringComparison.Ordinal) ? known ?? value(ofBase ?? []) : null);
            figures[name] = new(of, before, value(ofBase ?? []));
        }
    }

    /// <summary>Share of the examples that are learned; partly counts half.</summary>
    public static double LearnedShare(IReadOnlyCollection<TaughtExample> taught) => taught.Count == 0 ? 1 : taught.Average(t => TaughtVerdict.Score(t.Verdict));

    /// <summary>How long the written replies are, in lengths of the expected ones; null where none was written.</summary>
    public static double? Length(IEnumerable<MeasuredRow> rows)
    {
        WrittenRow[] written = [.. rows.Select(r => r.Written).OfType<WrittenRow>()];
        return written.Length == 0 ? null : (double)written.Sum(w => w.Tokens) / Math.Max(1, written.Sum(w => w.ExpectedTokens));
    }

    private static double? Loss(MeasuredRow[] rows) => rows.Length == 0 ? null : rows.Sum(r => r.Loss * r.Tokens) / Math.Max(1, rows.Sum(r => r.Tokens));

    private static double? Accuracy(MeasuredRow[] rows) => rows.Length == 0 ? null : (double)rows.Sum(r => r.Hits) / Math.Max(1, rows.Sum(r => r.Tokens));

    /// <summary>Of the written replies that should be JSON, the share that is.</summary>
    private static double? JsonRate(MeasuredRow[] rows) => Share(rows.Where(r => r.Written?.ValidJson is not null), r => r.Written!.ValidJson!.Value);

    private static double? Share(IEnumerable<MeasuredRow> rows, Func<MeasuredRow, bool> isCounted) =>
        rows.Select(r => (double?)(isCounted(r) ? 1 : 0)).Average();
}
