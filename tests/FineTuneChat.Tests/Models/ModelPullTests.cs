using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.TestSupport;
using FineTuneChat.TestSupport.Hub;

namespace FineTuneChat.Tests.Models;

/// <summary>A hub for all of these tests.</summary>
public sealed class HubFixture : IAsyncLifetime
{
    public HubServer Hub { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        byte[][] parts = ModelFiles.Split();
        Hub = (await HubServer.StartAsync())
            .Add(
                "owner/repo",
                [("m-Q4_K_M.gguf", ModelFiles.Model), ("m-Q8_0.gguf", ModelFiles.Small), ("mmproj-f16.gguf", ModelFiles.Projector), ("README.md", [1])])
            .Add("owner/split", [("Q8_0/s-Q8_0-00001-of-00002.gguf", parts[0]), ("Q8_0/s-Q8_0-00002-of-00002.gguf", parts[1])])
            .Add("owner/gated", [("g-Q4_K_M.gguf", ModelFiles.Small)], isGated: true)
            .Add("owner/bad", [("adapter-F16.gguf", ModelFiles.Adapter), ("broken-Q8_0.gguf", new byte[5000]), ("odd-Q6_K.gguf", ModelFiles.Unusable)])
            .Add("owner/none", [("model.safetensors", [1])])
            .Add("owner/evil", [("..\\x-Q4_K_M.gguf", ModelFiles.Small)]);
    }

    public Task DisposeAsync() => Hub.DisposeAsync().AsTask();
}

/// <summary>Models come from a hub whole and right, or not at all, whatever happens on the way.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ModelPullTests : IClassFixture<HubFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _hub;
    private readonly ModelCatalog _catalog;

    public ModelPullTests(HubFixture fixture)
    {
        _hub = fixture.Hub;
        _hub.Forget();
        _catalog = new ModelCatalog(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_comes_by_several_connections_from_where_the_hub_redirects()
    {
        PullResult result = await PullAsync("owner/repo");

        Assert.Equal(_folder["owner/repo/m-Q4_K_M.gguf"], result.File);
        Assert.Equal(("m-Q4_K_M", ModelFiles.Model.Length, HubServer.HashOf(ModelFiles.Model)), (result.Name, (int)result.Bytes, result.Sha256));
        Assert.Equal(ModelFiles.Model, File.ReadAllBytes(result.File));
        Assert.Equal(["m-Q4_K_M.gguf"], Directory.GetFiles(_folder["owner/repo"]).Select(Path.GetFileName));
        Assert.True(_hub.Requests.Count(r => r is { IsStorage: true, From: > 0 }) >= 3);
        Assert.All(_hub.Requests.Where(r => r.Path.Contains("/resolve/", StringComparison.Ordinal)),
            r => Assert.Contains(HubServer.Commit, r.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_split_model_comes_whole_and_a_projector_only_by_name()
    {
        PullResult result = await PullAsync("hf.co/owner/split:Q8_0");
        Assert.Equal("s-Q8_0", result.Name);
        Assert.Equal(2, Directory.GetFiles(_folder["owner/split"], "*.gguf").Length);
        Assert.Null(ModelDescription.Of(_catalog.Find("s-Q8_0")!).Problem);
        Assert.Equal("mmproj-f16.gguf", Assert.Single((await Pull().PlanAsync("owner/repo", default)).Projectors).Path);
    }

    [Fact]
    public async Task Again_it_is_only_checked()
    {
        PullResult first = await PullAsync("owner/repo:Q8_0");
        _hub.Forget();
        PullResult again = await PullAsync("owner/repo:m-Q8_0.gguf");

        Assert.Equal((first.File, first.Sha256), (again.File, again.Sha256));
        Assert.Equal(0, _hub.BytesSent);
        File.WriteAllBytes(first.File, [.. ModelFiles.Small[..^1], 7]);
        await RefusedAsync(HubFault.Conflict, "finetunechat rm", "owner/repo:Q8_0");
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_goes_on_where_it_ended()
    {
        var random = new Random(1);
        _hub.Trouble = r => r is { IsStorage: true, From: > 0 } or { IsStorage: true, To: < 1_000_000 }
            ? new HubTrouble { CutAfter = random.Next(1, 50_000) }
            : null;
        PullResult result = await PullAsync("owner/repo", attempts: 1000); // a reset may take what was sent before it, too

        Assert.Equal(ModelFiles.Model, File.ReadAllBytes(result.File));
        Assert.True(_hub.Requests.Count(r => r.IsStorage) > 40);
    }

    [Fact]
    public async Task What_an_interrupted_download_has_left_is_not_fetched_again_and_not_listed()
    {
        using var stop = new CancellationTokenSource();
        PullPlan plan = await Pull().PlanAsync("owner/repo", default);
        _hub.Forget();
        _hub.Trouble = r => r is { IsStorage: true, From: >= 1_000_000 } ? new HubTrouble { StallAfter = 100 } : null;
        long came = 0;
        Task<PullResult> first = Pull().RunAsync(plan, progress => came = progress.Bytes, stop.Token);
        await Eventually.TrueAsync(() => Volatile.Read(ref came) > 800_000);
        Assert.Empty(_catalog.List());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Empty(_catalog.List());
        long there = DownloadState.Read(plan.Target + DownloadState.StateEnding)!.DoneBytes;
        Assert.InRange(there, 500_000, ModelFiles.Model.Length - 1);

        _hub.Forget();
        PullResult result = await PullAsync("owner/repo");

        Assert.Equal(ModelFiles.Model, File.ReadAllBytes(result.File));
        long header = _hub.Requests.First(r => r.IsStorage).To!.Value + 1;
        await Eventually.TrueAsync(() => _hub.BytesSent - header >= ModelFiles.Model.Length - there); // it counts after it has sent
        Assert.Equal(ModelFiles.Model.Length - there, _hub.BytesSent - header);
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_and_removed()
    {
        PullPlan plan = await Pull().PlanAsync("owner/repo:Q8_0", default);
        _hub.Trouble = r => r.IsStorage ? new HubTrouble { IsSpoiled = true } : null;

        HubException refused = await Assert.ThrowsAsync<HubException>(() => Pull().RunAsync(plan, _ => { }, default));

        Assert.Contains(HubServer.HashOf(ModelFiles.Small), refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again()
    {
        int refused = 0;
        _hub.Trouble = _ => Interlocked.Increment(ref refused) % 3 == 1 ? new HubTrouble { Status = refused % 2 == 1 ? 429 : 503, RetryAfter = 0 } : null;
        PullResult result = await PullAsync("owner/repo:Q8_0");
        Assert.Equal(ModelFiles.Small, File.ReadAllBytes(result.File));

        _hub.Trouble = _ => new HubTrouble { Status = 429 };
        await RefusedAsync(HubFault.Unreachable, "429", "owner/repo");
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_alone()
    {
        await RefusedAsync(HubFault.Denied, "HF_TOKEN", "owner/gated");
        _hub.Forget();

        await PullAsync("owner/gated", token: _hub.Token);

        Assert.All(_hub.Requests.Where(r => !r.IsStorage), r => Assert.Equal($"Bearer {_hub.Token}", r.Authorization));
        Assert.All(_hub.Requests.Where(r => r.IsStorage), r => Assert.Null(r.Authorization));
        await RefusedAsync(HubFault.Denied, "anew", "owner/missing", token: "hf_wrong");
    }

    [Theory]
    [InlineData("owner/missing", nameof(HubFault.Denied), "does not exist")]
    [InlineData("owner/none", nameof(HubFault.NotFound), "no GGUF file")]
    [InlineData("owner/repo:Q2_K", nameof(HubFault.NotFound), "There is: Q8_0, Q4_K_M")]
    [InlineData("owner/repo:mmproj-f16.gguf", nameof(HubFault.NotFound), "vision projector")]
    [InlineData("owner/bad:F16", nameof(HubFault.Broken), "LoRA adapter")]
    [InlineData("owner/bad:Q8_0", nameof(HubFault.Broken), "does not begin with 'GGUF'")]
    [InlineData("owner/bad:Q6_K", nameof(HubFault.Broken), "could not be used")]
    [InlineData("owner/evil", nameof(HubFault.Broken), "no name for a file")]
    public async Task What_cannot_be_a_model_here_is_refused_before_it_is_fetched(string name, string fault, string named)
    {
        await RefusedAsync(Enum.Parse<HubFault>(fault), named, name);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_full_disk_is_seen_first()
    {
        await RefusedAsync(HubFault.NoSpace, "Models:Folder", "owner/repo", freeBytes: _ => 101_000_000);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_from_anywhere_comes_too_even_from_a_server_that_knows_no_ranges(bool ignoresRanges)
    {
        Uri link = _hub.AddFile("plain.gguf", ModelFiles.Model);
        int cuts = 0;
        _hub.Trouble = _ => new HubTrouble { IgnoresRanges = ignoresRanges, CutAfter = Interlocked.Increment(ref cuts) is > 2 and < 6 ? 300_000 : null };
        PullResult result = await PullAsync(link.ToString());

        Assert.Equal(_folder["plain.gguf"], result.File);
        Assert.Equal(ModelFiles.Model, File.ReadAllBytes(result.File));
    }

    [Fact]
    public async Task One_that_is_being_fetched_is_not_fetched_twice()
    {
        using var stop = new CancellationTokenSource();
        PullPlan plan = await Pull().PlanAsync("owner/repo:Q8_0", default);
        _hub.Trouble = r => r.IsStorage ? new HubTrouble { StallAfter = 10 } : null;
        Task<PullResult> first = Pull().RunAsync(plan, _ => { }, stop.Token);
        await Eventually.TrueAsync(() => _hub.BytesSent > 0);

        Assert.Equal(HubFault.Conflict, (await Assert.ThrowsAsync<HubException>(() => Pull().RunAsync(plan, _ => { }, default))).Fault);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Without_a_network_it_is_said()
    {
        var nowhere = new ModelHub(new HubConnection("http://127.0.0.1:1", "", TimeProvider.System, new Backoff(TimeSpan.Zero, 2)));
        HubException refused = await Assert.ThrowsAsync<HubException>(() => new ModelPull(nowhere, _catalog, 1).PlanAsync("owner/repo", default));
        Assert.Equal(HubFault.Unreachable, refused.Fault);
        Assert.Contains("HTTPS_PROXY", refused.Message, StringComparison.Ordinal);
    }

    private async Task<PullResult> PullAsync(string name, string token = "", int attempts = 8)
    {
        ModelPull pull = Pull(token, freeBytes: null, attempts);
        return await pull.RunAsync(await pull.PlanAsync(name, default), _ => { }, default);
    }

    private async Task RefusedAsync(HubFault fault, string named, string name, string token = "", Func<string, long>? freeBytes = null)
    {
        ModelPull pull = Pull(token, freeBytes);
        HubException refused = await Assert.ThrowsAsync<HubException>(
            async () => await pull.RunAsync(await pull.PlanAsync(name, default), _ => { }, default));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(fault, refused.Fault);
    }

    private ModelPull Pull(string token = "", Func<string, long>? freeBytes = null, int attempts = 8)
    {
        var connection = new HubConnection(_hub.Address.ToString(), token, TimeProvider.System, new Backoff(TimeSpan.FromMilliseconds(1), attempts));
        return new ModelPull(new ModelHub(connection), _catalog, connections: 4, freeBytes);
    }
}
