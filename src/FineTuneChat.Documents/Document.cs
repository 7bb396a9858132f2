namespace FineTuneChat.Documents;

/// <summary>What a file says, in reading order.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="Kind">What it is, for people: "PDF", "Word".</param>
/// <param name="Passages">Headings, paragraphs, rows.</param>
public sealed record Document(string Name, string Kind, IReadOnlyList<Passage> Passages);

/// <summary>A heading, a paragraph or a row of a table.</summary>
/// <param name="Text">Never empty.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Heading">The headings above it, from the outermost, parted by <see cref="HeadingSeparator"/>; empty where there is none.</param>
/// <param name="IsHeading">Whether it is one itself; then <paramref name="Heading"/> ends with it.</param>
public sealed record Passage(string Text, Place Place, string Heading, bool IsHeading = false)
{
    /// <summary>Stands between two headings.</summary>
    public const string HeadingSeparator = " › ";
}

/// <summary>What a place is counted in.</summary>
public enum PlaceKind
{
    /// <summary>The document has no places: its headings must do.</summary>
    None,

    /// <summary>Pages, from 1.</summary>
    Page,

    /// <summary>Slides, from 1.</summary>
    Slide,

    /// <summary>Rows of a sheet or table, from 1.</summary>
    Row,

    /// <summary>Lines of a text, from 1.</summary>
    Line,
}

/// <summary>Where in a document something stands.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Number">From 1; 0 where nothing is counted.</param>
public readonly record struct Place(PlaceKind Kind, int Number)
{
    /// <summary>Nothing is counted.</summary>
    public static Place None => default;
}
