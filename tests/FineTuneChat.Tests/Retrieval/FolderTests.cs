using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Documents.Folders;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retrieval;

/// <summary><c>Documents:Folders</c>: a collection is what its folder is, while the server runs and after it was off.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class FolderTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private TestGateway? _gateway;

    private string Watched => Path.Combine(_folder.Path, "watched");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_collection_is_what_its_folder_is()
    {
        Write("boiler.md", "The boiler is guaranteed for seven years.");
        Write("sub/garden.md", "Tulips are planted in October.");
        Write("sub/.hidden/secret.md", "A secret.");
        Write("photo.bin", "\u007fELF\0\0\0\u0001");
        await StartAsync();
        await FilesAreAsync("boiler.md", "sub/garden.md");
        Assert.Equal("watched", (string?)(await CollectionAsync())["name"]);
        string? boiler = await IdOfAsync("boiler.md"), garden = await IdOfAsync("sub/garden.md");

        Write("new.txt", "Carrots."); // while it runs
        await FilesAreAsync("boiler.md", "new.txt", "sub/garden.md");
        File.Delete(Path.Combine(Watched, "new.txt"));
        await FilesAreAsync("boiler.md", "sub/garden.md");

        await StopAsync(); // and while it is off
        Write("boiler.md", "The boiler is guaranteed for nine years.");
        File.SetLastWriteTimeUtc(Path.Combine(Watched, "sub/garden.md"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)); // it says the same
        await StartAsync();
        await Eventually.TrueAsync(async () => await IdOfAsync("boiler.md") != boiler);
        await _gateway!.ReadAllAsync((string)(await CollectionAsync())["id"]!);
        await FilesAreAsync("boiler.md", "sub/garden.md");
        Assert.Equal(garden, await IdOfAsync("sub/garden.md"));
        JsonArray found = await _gateway!.SearchAsync((string)(await CollectionAsync())["id"]!, new { query = "guaranteed" });
        Assert.Contains("nine", (string?)Assert.Single(found)!["content"]![0]!["text"]);
    }

    [UnixFact]
    public async Task Links_are_not_followed()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "outside"));
        File.WriteAllText(Path.Combine(_folder.Path, "outside", "secret.md"), "A secret.");
        Write("boiler.md", "Guaranteed.");
        File.CreateSymbolicLink(Path.Combine(Watched, "link.md"), Path.Combine(_folder.Path, "outside", "secret.md"));
        Directory.CreateSymbolicLink(Path.Combine(Watched, "linked"), Path.Combine(_folder.Path, "outside"));
        await StartAsync();
        await FilesAreAsync("boiler.md");
        await _gateway!.Get<FolderSync>().RunAsync(Watched, default);
        await FilesAreAsync("boiler.md");
    }

    [Fact]
    public async Task A_folder_that_is_not_there_keeps_its_documents()
    {
        Write("boiler.md", "Guaranteed.");
        await StartAsync();
        await FilesAreAsync("boiler.md");
        await StopAsync();
        Directory.Move(Watched, Watched + ".away");
        await StartAsync();
        await _gateway!.Get<FolderSync>().RunAsync(Watched, default);
        await FilesAreAsync("boiler.md");
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(Watched, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private async Task StartAsync()
    {
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder, ("Documents:Folders:0", Watched));
        await _gateway.Get<DocumentIngestion>().StartAsync(default);
        await _gateway.Get<FolderWatcher>().StartAsync(default);
    }

    private async Task StopAsync()
    {
        if (_gateway is null)
            return;
        await _gateway.Get<FolderWatcher>().StopAsync(default);
        await _gateway.Get<DocumentIngestion>().StopAsync(default);
        await _gateway.DisposeAsync();
        _gateway = null;
    }

    private async Task<JsonNode> CollectionAsync() => (await _gateway!.GetJsonAsync("/v1/vector_stores"))["data"]!.AsArray().Single()!;

    private async Task<JsonNode[]> FilesAsync() => (await _gateway!.GetJsonAsync("/v1/vector_stores"))["data"]!.AsArray() is [{ } store]
        ? [.. (await _gateway!.GetJsonAsync($"/v1/vector_stores/{store["id"]}/files"))["data"]!.AsArray().Select(file => file!)]
        : [];

    private async Task<string?> IdOfAsync(string name) => (string?)(await FilesAsync()).FirstOrDefault(file => (string?)file["filename"] == name)?["id"];

    private Task FilesAreAsync(params string[] names) => Eventually.TrueAsync(async () =>
        (await FilesAsync()).Where(file => (string?)file["status"] == "completed").Select(file => (string?)file["filename"])
            .Order(StringComparer.Ordinal).SequenceEqual(names));
}
