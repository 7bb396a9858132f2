namespace FineTuneChat.Datasets.Files;

/// <summary>A row before anybody has asked what it means.</summary>
/// <param name="Number">The line of the file or the row of the table, from 1.</param>
/// <param name="Json">One JSON value, as the file has it or as the table's cells make it. Valid until the next row is read.</param>
/// <param name="Error">Why there is no such value; else null.</param>
internal readonly record struct RawRow(int Number, ReadOnlyMemory<byte> Json, string? Error = null);
