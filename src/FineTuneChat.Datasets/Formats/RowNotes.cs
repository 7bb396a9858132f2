using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>What is noticed in one row.</summary>
internal sealed class RowNotes(DatasetReport report, int row)
{
    private readonly HashSet<string> _kinds = [];

    public IReadOnlyCollection<string> Kinds => _kinds;

    public int Row => row;

    public void Tell(string kind, string text, string? detail = null)
    {
        _kinds.Add(kind);
        report.Tell(kind, text, row, detail);
    }
}
