namespace FineTuneChat.Datasets.Tables;

/// <summary>A row of a table. Valid until the next one is read.</summary>
/// <param name="Columns">How many it has.</param>
/// <param name="Cell">The text in a column, counted from 0; null where there is none.</param>
internal readonly record struct TableRow(int Columns, Func<int, string?> Cell);
