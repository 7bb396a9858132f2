namespace FineTuneChat.Datasets.Tables;

/// <summary>A row of a table. Valid until the next one is read.</summary>
/// <param name="Columns">How many it has.</param>
/// <param name="Cell">The text in a column, counted from 0; null where there is none.</param>
internal readonly record struct TableRow(int Columns, Func<int, string?> Cell)
{
    /// <summary>A copy that stays valid.</summary>
    public TableRow Kept()
    {
        string?[] cells = [.. Enumerable.Range(0, Columns).Select(Cell)];
        return new TableRow(cells.Length, column => cells[column]);
    }

    public int CountFilled()
    {
        int filled = 0;
        for (int column = 0; column < Columns; column++)
            filled += string.IsNullOrWhiteSpace(Cell(column)) ? 0 : 1;
        return filled;
    }
}
