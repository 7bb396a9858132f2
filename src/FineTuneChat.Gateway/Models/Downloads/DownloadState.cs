using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>What is known of a file that is not whole yet, kept beside it: where it comes from, and which chunks are on disk.</summary>
internal sealed record DownloadState
{
    /// <summary>Ends the names of a download's two files; nothing that ends so is a model.</summary>
    public const string Ending = ".partial", StateEnding = ".state" + Ending;

    /// <summary>As the user wrote it: with it the download goes on.</summary>
    public required string Name { get; init; }
    public required string Address { get; init; }
    public required long Bytes { get; init; }
    public string? Sha256 { get; init; }
    public string? Etag { get; init; }
    public required int ChunkBytes { get; init; }

    /// <summary>Runs of chunks that are on disk: first and last of each.</summary>
    public required IReadOnlyList<int[]> Done { get; init; }

    /// <summary>Bytes on disk.</summary>
    [JsonIgnore]
    public long DoneBytes => Math.Min(Bytes, Done.Sum(run => run[1] - run[0] + 1L) * ChunkBytes);

    /// <summary>Whether it is the same file. A hash says so alone: its address may have changed with a commit that left it as it is.</summary>
    public bool IsOf(RemoteFile file, int chunkBytes) => Bytes == file.Bytes && ChunkBytes == chunkBytes && Sha256 == file.Sha256
        && (Sha256 is not null || (Address == file.Address.ToString() && Etag == file.ETag));

    /// <summary>Null when there is none, or none that can be read.</summary>
    public static DownloadState? Read(string path)
    {
        try
        {
            DownloadState? state = JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.DownloadState);
            return state?.Done.All(run => run is [>= 0, _] && run[0] <= run[1]) == true ? state : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whole or not at all.</summary>
    public void Write(string path)
    {
        string next = path + ".new" + Ending;
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.DownloadState));
        File.Move(next, path, overwrite: true);
    }
}

/// <summary>JSON of download states.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DownloadState))]
internal sealed partial class StateJson : JsonSerializerContext;
