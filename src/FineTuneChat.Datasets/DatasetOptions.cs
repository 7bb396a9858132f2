using FineTuneChat.Datasets.Formats;

namespace FineTuneChat.Datasets;

/// <summary>What only the user of a file can say about it. All of it may be left out: what is not sure is asked then.</summary>
public sealed record DatasetOptions
{
    /// <summary>Which column is what; null: by their names.</summary>
    public ColumnMap? Map { get; init; }

    /// <summary>In a chat between people: the one whose messages are the replies to learn.</summary>
    public string? As { get; init; }

    /// <summary>The text's encoding, by a name that .NET knows (<c>utf-8</c>, <c>windows-1251</c>); null: it is detected.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether the better reply of a preference row (DPO, KTO) is taken as an example.</summary>
    public bool TakesChosen { get; init; }

    /// <summary>Whether preferences are what is wanted: then nothing need be said of them.</summary>
    public bool WantsPreferences { get; init; }
}
