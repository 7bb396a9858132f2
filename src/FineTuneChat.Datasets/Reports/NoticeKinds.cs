namespace FineTuneChat.Datasets.Reports;

/// <summary>The kinds of notices.</summary>
public static class NoticeKinds
{
    /// <summary>The encoding is guessed, or mixed.</summary>
    public const string Encoding = "encoding";

    /// <summary>How the file is laid out, where that is not what its name says.</summary>
    public const string Layout = "layout";

    /// <summary>A column or key is used for something that its name does not plainly say.</summary>
    public const string GuessedColumns = "guessed_columns";

    /// <summary>A column or key is not used.</summary>
    public const string ExtraColumns = "extra_columns";

    /// <summary>Rows above the names of a table.</summary>
    public const string TitleRows = "title_rows";

    /// <summary>Sheets of a workbook or files of an archive that are not read.</summary>
    public const string OtherParts = "other_parts";

    /// <summary>Rows without any value.</summary>
    public const string EmptyRows = "empty_rows";

    /// <summary>Cells that hold an error instead of a value.</summary>
    public const string CellErrors = "cell_errors";

    /// <summary>A value is JSON, and its text is taken.</summary>
    public const string JsonValues = "json_values";

    /// <summary>Earlier turns stand in a column of their own.</summary>
    public const string History = "history";

    /// <summary>Functions, their calls or their results.</summary>
    public const string Tools = "tools";

    /// <summary>JSON whose quotes are escaped once too often.</summary>
    public const string HalfEscapedJson = "half_escaped_json";

    /// <summary>Line ends or letters that stand as their escapes (<c>\n\n</c>, <c>\u00e1</c>) in a text.</summary>
    public const string EscapedText = "escaped_text";

    /// <summary>A reply that begins like JSON and is none.</summary>
    public const string BrokenJson = "broken_json";

    /// <summary>Letters that were decoded wrongly before they were written.</summary>
    public const string Mojibake = "mojibake";

    /// <summary>Says the same as an earlier row.</summary>
    public const string Duplicates = "duplicates";

    /// <summary>Says nearly the same as an earlier row.</summary>
    public const string NearDuplicates = "near_duplicates";

    /// <summary>Answers the same question otherwise than an earlier row.</summary>
    public const string Contradictions = "contradictions";

    /// <summary>More than most models read at once.</summary>
    public const string Long = "long";

    /// <summary>Rows for learning by preference: a better and a worse reply.</summary>
    public const string Dpo = "dpo";

    /// <summary>Rows for learning by preference: a reply and whether it is good.</summary>
    public const string Kto = "kto";

    /// <summary>Pictures, sounds and files that stand in a chat.</summary>
    public const string Media = "media";

    /// <summary>Messages of a chat that are no turns of it.</summary>
    public const string LeftOut = "left_out";

    /// <summary>Other versions of a chat that were not chosen.</summary>
    public const string Branches = "branches";
}
