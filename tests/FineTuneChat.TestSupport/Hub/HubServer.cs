using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.TestSupport.Hub;

/// <summary>
/// A model hub on this machine that speaks Hugging Face's protocol over real sockets: its API lists and describes repositories, <c>resolve</c> redirects to a
/// second address where the files are stored, which knows ranges. Tests say what goes wrong.
/// </summary>
public sealed class HubServer : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Repository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, StoredFile> _stored = new();

    private HubServer(WebApplication app) => _app = app;

    /// <summary>The hub: what <c>Models:HubUrl</c> is set to.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Another host, where files are.</summary>
    public Uri Storage { get; private set; } = null!;

    /// <summary>The token that opens gated repositories.</summary>
    public string Token { get; } = "hf_" + Guid.NewGuid().ToString("N");

    /// <summary>All that came, in order.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    /// <summary>Bytes of files that were sent.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    private long _bytesSent;

    /// <summary>Asked for each request; null: nothing goes wrong.</summary>
    public Func<HubRequest, HubTrouble?> Trouble { get; set; } = _ => null;

    public static async Task<HubServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        WebApplication app = builder.Build();
        var server = new HubServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        string[] addresses = [.. app.Urls];
        (server.Address, server.Storage) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return server;
    }

    /// <summary>Adds a repository.</summary>
    /// <param name="id"><c>owner/repo</c>.</param>
    /// <param name="files">By their paths inside it.</param>
    /// <param name="isGated">Whether it needs the <see cref="Token"/>.</param>
    public HubServer Add(string id, IEnumerable<(string Path, byte[] Content)> files, bool isGated = false)
    {
        _repositories[id] = new Repository(id, isGated, files.ToDictionary(f => f.Path, f => new StoredFile(f.Content, HashOf(f.Content))));
        foreach (StoredFile file in _repositories[id].Files.Values)
            _stored[file.Hash] = file;
        return this;
    }

    /// <summary>A file that is in no repository, under <see cref="Storage"/>.</summary>
    public Uri AddFile(string name, byte[] content)
    {
        _stored[name] = new StoredFile(content, HashOf(content));
        return new Uri(Storage, name);
    }

    public static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Forgets what was asked.</summary>
    public void Forget()
    {
        Requests.Clear();
        Interlocked.Exchange(ref _bytesSent, 0);
        Trouble = _ => null;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token); // stalled answers, too
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var range = http.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault();
        var request = new HubRequest(
            http.Connection.LocalPort == Storage.Port, http.Request.Path + http.Request.QueryString, range?.From, range?.To, http.Request.Headers.Authorization);
        Requests.Enqueue(request);
        HubTrouble trouble = Trouble(request) ?? new HubTrouble();
        if (trouble.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        if (trouble.Status != 200)
            http.Response.StatusCode = trouble.Status;
        else if (request.IsStorage)
            await SendAsync(http, trouble);
        else
            await OfHubAsync(http);
    }

    private async Task OfHubAsync(HttpContext http)
    {
        string[] parts = http.Request.Path.Value!.Trim('/').Split('/');
        if (parts is ["api", "models"])
        {
            string text = http.Request.Query["search"].ToString();
            await http.Response.WriteAsJsonAsync(new JsonArray([.. _repositories.Values
                .Where(r => r.Id.Contains(text, StringComparison.OrdinalIgnoreCase)).OrderByDescending(r => r.Files.Count).Select(r => r.Describe(hasBlobs: false))]));
            return;
        }
        bool isApi = parts is ["api", "models", ..];
        string id = string.Join('/', parts.Skip(isApi ? 2 : 0).Take(2));
        bool isKnown = http.Request.Headers.Authorization == $"Bearer {Token}";
        if (!_repositories.TryGetValue(id, out Repository? repository))
            await RefuseAsync(http, isKnown ? 404 : 401, "RepoNotFound", isKnown ? "Repository not found" : "Invalid username or password.");
        else if (isApi)
            await http.Response.WriteAsJsonAsync(repository.Describe(http.Request.Query["blobs"] == "true"));
        else if (repository.IsGated && !isKnown)
            await RefuseAsync(http, 401, "GatedRepo", $"Access to model {id} is restricted. You must have access to it and be authenticated to access it.");
        else if (parts is not [_, _, "resolve", _, ..] || !repository.Files.TryGetValue(string.Join('/', parts[4..]), out StoredFile? file))
            await RefuseAsync(http, 404, "EntryNotFound", "Entry not found");
        else
            Redirect(http, file);
    }

    private void Redirect(HttpContext http, StoredFile file)
    {
        http.Response.StatusCode = StatusCodes.Status302Found;
        http.Response.Headers.Location = new Uri(Storage, $"{file.Hash}?Expires=1&Signature=s").ToString();
        http.Response.Headers["X-Repo-Commit"] = Commit;
        http.Response.Headers["X-Linked-Size"] = $"{file.Content.Length}";
        http.Response.Headers["X-Linked-Etag"] = $"\"{file.Hash}\"";
        http.Response.Headers.AcceptRanges = "bytes";
    }

    private static Task RefuseAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        http.Response.Headers["X-Error-Code"] = code;
        http.Response.Headers["X-Error-Message"] = message;
        return http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = message });
    }

    private async Task SendAsync(HttpContext http, HubTrouble trouble)
    {
        if (!_stored.TryGetValue(http.Request.Path.Value!.Trim('/'), out StoredFile? file))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        byte[] content = file.Content;
        var range = trouble.IgnoresRanges ? null : http.Request.GetTypedHeaders().Range?.Ranges.First();
        int from = (int)(range?.From ?? 0), to = (int)Math.Min(range?.To ?? content.Length - 1, content.Length - 1);
        http.Response.Headers.ETag = $"\"{file.Hash}\"";
        if (range is not null)
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = $"bytes {from}-{to}/{content.Length}";
        }
        http.Response.ContentLength = to - from + 1;
        ReadOnlyMemory<byte> body = content.AsMemory(from..(to + 1));
        if (trouble.IsSpoiled)
            body = body.ToArray().Select(b => (byte)~b).ToArray();
        int sent = Math.Min(body.Length, trouble.CutAfter ?? trouble.StallAfter ?? body.Length);
        await http.Response.Body.WriteAsync(body[..sent], http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        Interlocked.Add(ref _bytesSent, sent); // after fewer bytes than announced the connection is closed
        if (trouble.StallAfter is not null)
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed record StoredFile(byte[] Content, string Hash);

    private sealed record Repository(string Id, bool IsGated, Dictionary<string, StoredFile> Files)
    {
        public JsonNode Describe(bool hasBlobs) => new JsonObject
        {
            ["_id"] = "66e98a67c23f5d0a56a7ea1e",
            ["id"] = Id,
            ["modelId"] = Id,
            ["sha"] = Commit,
            ["gated"] = IsGated ? "manual" : false,
            ["private"] = false,
            ["downloads"] = 1000,
            ["likes"] = 7,
            ["lastModified"] = "2026-01-02T03:04:05.000Z",
            ["tags"] = new JsonArray("gguf", "text-generation", "license:apache-2.0"),
            ["gguf"] = new JsonObject { ["total"] = 12345, ["architecture"] = "llama", ["context_length"] = 512 },
            ["siblings"] = new JsonArray([.. Files.Select(f => Sibling(f.Key, f.Value, hasBlobs))]),
        };

        private static JsonNode Sibling(string path, StoredFile file, bool hasBlobs)
        {
            var sibling = new JsonObject { ["rfilename"] = path };
            if (hasBlobs)
            {
                sibling["size"] = file.Content.Length;
                sibling["blobId"] = "b";
                sibling["lfs"] = new JsonObject { ["sha256"] = file.Hash, ["size"] = file.Content.Length, ["pointerSize"] = 134 };
            }
            return sibling;
        }
    }
}
