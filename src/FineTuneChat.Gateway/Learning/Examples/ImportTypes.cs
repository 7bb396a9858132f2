using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>The body of <c>POST /api/dataset/import</c>. As JSON, because other types of content are refused: a form could send them.</summary>
internal sealed record ImportRequest
{
    /// <summary>The file's name, for the examples to remember.</summary>
    public string? File { get; init; }

    /// <summary>What is in it; of a file that is no text <see cref="Base64"/>.</summary>
    public string? Text { get; init; }

    /// <summary>Its bytes in Base64: for XLSX.</summary>
    public string? Base64 { get; init; }

    /// <summary>Only tell what would be imported.</summary>
    public bool? DryRun { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string File, byte[] Text, bool IsDryRun) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrWhiteSpace(Text) == string.IsNullOrWhiteSpace(Base64))
            throw OpenAiException.InvalidRequest("Give the file's content as 'text' (JSON lines, CSV) or as 'base64' (XLSX).", "text");
        string file = string.IsNullOrWhiteSpace(File) ? "import" : Path.GetFileName(File);
        return (file, Text is null ? Bytes(Base64!) : Encoding.UTF8.GetBytes(Text), DryRun ?? false);
    }

    private static byte[] Bytes(string base64)
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

/// <summary>Why a row is none.</summary>
internal sealed record ImportError(int Line, string Message);

internal sealed record ImportPreview(
    int Line,
    [property: AllowedValues(ExampleStatus.Accepted, ExampleStatus.Excluded)] string Status,
    IReadOnlyList<string> Flags,
    [property: WireType(typeof(ExampleMessage[]))] JsonElement Messages);
