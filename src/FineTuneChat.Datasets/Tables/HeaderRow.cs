using FineTuneChat.Datasets.Formats;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Finds the row of a table that names its columns: titles and dates stand above it in sheets that people have made.</summary>
internal static class HeaderRow
{
    public const int Searched = 20; // rows

    /// <summary>
    /// The place in the first rows of the one that names columns of which examples can be made; else of the first with two values, or with one.
    /// Minus one where all are empty.
    /// </summary>
    public static int Find(IReadOnlyList<TableRow> rows, ColumnMap? map)
    {
        for (int i = 0; i < rows.Count; i++)
            if (rows[i].CountFilled() > 1 && IsSure(rows[i], map))
                return i;
        for (int least = 2; least > 0; least--)
            for (int i = 0; i < rows.Count; i++)
                if (rows[i].CountFilled() >= least)
                    return i;
        return -1;
    }

    /// <summary>The columns that have a name, by the first that has it.</summary>
    public static (string Name, int Column)[] Names(TableRow row) =>
    [
        .. Enumerable.Range(0, row.Columns).Select(column => (Name: (row.Cell(column) ?? "").Trim(), column))
            .Where(c => c.Name.Length > 0).DistinctBy(c => c.Name.ToLowerInvariant()),
    ];

    public static bool IsSure(TableRow row, ColumnMap? map)
    {
        try
        {
            return RowShape.Of([.. Names(row).Select(n => n.Name)], map).IsSure;
        }
        catch (RowException) // the map's columns are not here
        {
            return false;
        }
    }
}
