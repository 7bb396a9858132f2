namespace FineTuneChat.Datasets.Reports;

/// <summary>A column of a table, or a key of rows of JSON.</summary>
/// <param name="Name">As the file has it.</param>
/// <param name="Use">What it is taken for, a name of <see cref="Formats.ColumnMap"/>; null: it is not used.</param>
/// <param name="Guess">What it may be, where that is not sure; else as <paramref name="Use"/>.</param>
/// <param name="Samples">Its first values, cut off.</param>
public sealed record DatasetColumn(string Name, string? Use, string? Guess, IReadOnlyList<string> Samples)
{
    private const int Most = 100, MostSamples = 3, SampleCharacters = 200;

    internal static void Add(List<DatasetColumn> columns, string name, string? use, string? value, bool isSure = true)
    {
        int place = columns.FindIndex(c => c.Name == name);
        if (place < 0)
        {
            if (columns.Count >= Most)
                return;
            place = columns.Count;
            columns.Add(new DatasetColumn(name, isSure ? use : null, use, []));
        }
        DatasetColumn column = columns[place];
        if (!string.IsNullOrWhiteSpace(value) && column.Samples.Count < MostSamples)
            columns[place] = column with { Samples = [.. column.Samples, value.Length <= SampleCharacters ? value : value[..SampleCharacters] + "…"] };
    }
}

/// <summary>Somebody who writes in a chat.</summary>
/// <param name="Name">As the chat has it.</param>
/// <param name="Messages">How many are theirs.</param>
public sealed record DatasetSpeaker(string Name, int Messages);
