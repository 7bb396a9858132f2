using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;
using FineTuneChat.TestSupport.Hub;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The page over a folder with several models, sound ones and others, and a hub of its own.</summary>
public sealed class ModelsFixture : PageFixture
{
    private readonly TemporaryFolder _folder = new(), _models = new();
    private HubServer? _hub;

    internal HubServer Hub => _hub ?? throw new InvalidOperationException("There is no browser, so no hub was started.");

    public override async Task InitializeAsync()
    {
        if (BrowserProgram.Path is null)
            return;
        var shape = new RandomModelShape(Context: Context, Heads: 2, KvHeads: 1); // heads of 32: the cache may be quantised
        byte[] model = await File.ReadAllBytesAsync(RandomModel.Write(_models["second.gguf"], shape, seed: 2));
        await File.WriteAllBytesAsync(_models["broken.gguf"], model[..^1000]);
        await File.WriteAllBytesAsync(_models["spare.gguf"], model);
        Adapter().Save(_models["taught.gguf"]);
        _hub = (await HubServer.StartAsync())
            .Add("owner/offered", [("offered-Q4_K_M.gguf", Large()), ("offered-Q8_0.gguf", model), ("mmproj-f16.gguf", model)])
            .Add("owner/gated", [("gated-Q4_K_M.gguf", model)], isGated: true);
        await StartAsync(_folder, ("Models:Folder", _models.Path), ("Models:HubUrl", _hub.Address.ToString()));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_hub is not null)
            await _hub.DisposeAsync();
        _folder.Dispose();
        _models.Dispose();
    }

    /// <summary>Some megabytes, so that a download can be seen.</summary>
    private byte[] Large() => File.ReadAllBytes(RandomModel.Write(_folder["large.bin"], new RandomModelShape(Width: 256, FeedForward: 768, Layers: 3)));

    private static GgufWriter Adapter()
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "adapter");
        writer.Metadata.Set("general.architecture", "llama");
        writer.Metadata.Set("adapter.type", "lora");
        writer.Add("blk.0.attn_q.weight.lora_a", [4, 2], new float[8]);
        return writer;
    }
}
