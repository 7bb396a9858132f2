using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Gguf;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>Hugging Face's API, or a mirror's: what models there are, and what a model's header says before it is fetched.</summary>
internal sealed class ModelHub(HubConnection connection)
{
    private const int MostFound = 30;
    private const int FirstRead = 8 << 20, MostRead = 128 << 20; // bytes of a header: most of it is the vocabulary

    private static readonly string[] Expanded = ["downloads", "likes", "tags", "gated", "private", "lastModified", "siblings", "gguf"];

    public HubConnection Connection => connection;

    /// <summary>Repositories with GGUF files, the most loaded first.</summary>
    public async Task<IReadOnlyList<RepositoryInfo>> SearchAsync(string text, CancellationToken cancellation)
    {
        string expand = string.Concat(Expanded.Select(property => $"&expand[]={property}"));
        return await GetAsync(
            $"api/models?search={Uri.EscapeDataString(text)}&filter=gguf&sort=downloads&direction=-1&limit={MostFound}{expand}",
            $"model like '{text}'", HubJson.Default.IReadOnlyListRepositoryInfo, cancellation);
    }

    /// <exception cref="HubException">It is not there, or not for us.</exception>
    public async Task<HubRepository> RepositoryAsync(string repository, string revision, CancellationToken cancellation)
    {
        RepositoryInfo info = await GetAsync(
            $"api/models/{repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true", repository, HubJson.Default.RepositoryInfo, cancellation);
        return HubRepository.Of(info, revision);
    }

    /// <summary>Where a file is fetched from; the hub redirects to where it is stored.</summary>
    public Uri AddressOf(HubRepository repository, HubFile file) => new(
        connection.Hub, $"{repository.Id}/resolve/{repository.Commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>A file's header, by requests for its first bytes alone.</summary>
    /// <exception cref="HubException">It is no sound GGUF file.</exception>
    public async Task<GgufFile> HeaderAsync(Uri address, string name, long bytes, CancellationToken cancellation)
    {
        for (long read = FirstRead; ; read *= 4)
        {
            byte[] start = await connection.ReadAsync(
                address, name, new RangeHeaderValue(0, Math.Min(read, bytes) - 1), cancellation);
            try
            {
                return GgufFile.Read(name, new BeginningStream(start, bytes));
            }
            catch (EndOfStreamException) when (start.Length < bytes && read < MostRead)
            {
                // the vocabulary is longer
            }
            catch (Exception e) when (e is GgufException or EndOfStreamException)
            {
                throw new HubException(HubFault.Broken, $"{e.Message} Nothing was fetched.", e);
            }
        }
    }

    private async Task<T> GetAsync<T>(string path, string what, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        byte[] body = await connection.ReadAsync(new Uri(connection.Hub, path), what, range: null, cancellation);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new HubException(HubFault.Broken, $"{connection.Hub} does not speak the API of a model hub (Models:HubUrl): {e.Message}", e);
        }
    }
}
