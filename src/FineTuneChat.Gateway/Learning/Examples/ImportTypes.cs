using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>The body of <c>POST /api/dataset/import</c>. As JSON, because other types of content are refused: a form could send them.</summary>
internal sealed record ImportRequest
{
    /// <summary>The file's name, for the examples to remember.</summary>
    public string? File { get; init; }

    /// <summary>What is in it; of a file that is no text, or in another encoding, <see cref="Base64"/>.</summary>
    public string? Text { get; init; }

    /// <summary>Its bytes in Base64.</summary>
    public string? Base64 { get; init; }

    /// <summary>Which column is what, where that is not clear: <c>{"prompt":"Frage","reply":"Antwort"}</c>.</summary>
    public Dictionary<string, string>? Map { get; init; }

    /// <summary>In a chat between people: whose messages are the replies.</summary>
    public string? As { get; init; }

    /// <summary>The text's encoding, where it is detected wrongly.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether the better reply of a preference (chosen and rejected, or a label) is taken as an example.</summary>
    public bool? Chosen { get; init; }

    /// <summary>Only tell what would be imported.</summary>
    public bool? DryRun { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (DatasetSource Source, bool IsDryRun) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrWhiteSpace(Text) == string.IsNullOrWhiteSpace(Base64))
            throw OpenAiException.InvalidRequest("Give the file's content as 'text' or, of any kind, as 'base64'.", "text");
        string file = string.IsNullOrWhiteSpace(File) ? "import" : Path.GetFileName(File);
        byte[] bytes = Text is null ? Bytes(Base64!) : System.Text.Encoding.UTF8.GetBytes(Text);
        var options = new DatasetOptions { Map = Mapped(), As = As, Encoding = Text is null ? Encoding : null, TakesChosen = Chosen ?? false };
        return (new DatasetSource(new MemoryStream(bytes), file, options), DryRun ?? false);
    }

    private ColumnMap? Mapped()
    {
        try
        {
            return Map is { Count: > 0 } ? ColumnMap.Of(Map) : null;
        }
        catch (FormatException e)
        {
            throw OpenAiException.InvalidRequest($"'map': {e.Message}", "map");
        }
    }

    /// <exception cref="OpenAiException">400: it is no Base64.</exception>
    public static byte[] Bytes(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw OpenAiException.InvalidRequest("'base64' is not Base64.", "base64");
        }
    }
}

/// <summary>What an import added, or would add.</summary>
internal sealed record ImportReport
{
    private const int MaxErrors = 100, MaxPreview = 20;

    public string Object => "import";

    /// <summary>For <c>/api/dataset/imports/{id}</c>; null where nothing was added.</summary>
    public required string? Id { get; init; }
    public required string File { get; init; }
    public required bool DryRun { get; init; }

    /// <summary>What the file is, in words.</summary>
    public required string Format { get; init; }

    /// <summary>The program whose chats these are; null: they are none. They can be imported as conversations, too.</summary>
    public required string? ChatProgram { get; init; }

    /// <summary>Null where it is no text.</summary>
    public required string? Encoding { get; init; }

    /// <summary>What the numbers of rows count.</summary>
    [AllowedValues("line", "row", "item")] public required string Unit { get; init; }

    /// <summary>What must be said before it can be imported; null: nothing. The answer is 'map' or 'as'.</summary>
    public required ImportQuestion? Question { get; init; }

    /// <summary>Of a table, or of the first rows: for a dialog that asks which is what.</summary>
    public required IReadOnlyList<DatasetColumn> Columns { get; init; }

    /// <summary>Of a chat between people.</summary>
    public required IReadOnlyList<DatasetSpeaker> Speakers { get; init; }

    /// <summary>All that is not used, not learned as it stands there, guessed or suspicious.</summary>
    public required IReadOnlyList<DatasetNotice> Notices { get; init; }

    /// <summary>Lines that are not blank.</summary>
    public required int Rows { get; init; }
    public required int Accepted { get; init; }

    /// <summary>Kept aside for their flags.</summary>
    public required int Excluded { get; init; }

    /// <summary>Left out: another example says the same (<see cref="DedupKey"/>).</summary>
    public required int Duplicates { get; init; }

    /// <summary>Bad rows, all of them counted, the first ones named.</summary>
    public required int BadRows { get; init; }
    public required IReadOnlyList<ImportError> Errors { get; init; }

    /// <summary>The first ones.</summary>
    public required IReadOnlyList<ImportPreview> Examples { get; init; }

    public static ImportReport Of(ImportedRows rows, IReadOnlyCollection<ImportedExample> added, string? id, bool isDryRun) => new()
    {
        Id = id,
        File = rows.File,
        DryRun = isDryRun,
        Format = rows.Report.Format,
        ChatProgram = rows.Report.ChatProgram,
        Encoding = rows.Report.Encoding,
        Unit = rows.Report.Unit,
        Question = rows.Question is { } question ? new(question.Kind.ToString().ToLowerInvariant(), question.Message) : null,
        Columns = rows.Report.Columns,
        Speakers = rows.Report.Speakers,
        Notices = rows.Report.Notices,
        Rows = rows.Rows,
        Accepted = added.Count(e => e.Draft.Status == ExampleStatus.Accepted),
        Excluded = added.Count(e => e.Draft.Status == ExampleStatus.Excluded),
        Duplicates = rows.Examples.Count - added.Count,
        BadRows = rows.Errors.Count,
        Errors = [.. rows.Errors.Take(MaxErrors)],
        Examples = [.. added.Take(MaxPreview).Select(Preview)],
    };

    private static ImportPreview Preview(ImportedExample example) => new(
        example.Line, example.Draft.Status, example.Draft.Flags, JsonSerializer.SerializeToElement(example.Draft.Messages, StoredJson.Messages));
}

/// <summary>What a file's user is asked.</summary>
internal sealed record ImportQuestion([property: AllowedValues("columns", "speaker")] string About, string Text);

/// <summary>Why a row is none.</summary>
internal sealed record ImportError(int Line, string Message);

internal sealed record ImportPreview(
    int Line,
    [property: AllowedValues(ExampleStatus.Accepted, ExampleStatus.Excluded)] string Status,
    IReadOnlyList<string> Flags,
    [property: WireType(typeof(ExampleMessage[]))] JsonElement Messages);
