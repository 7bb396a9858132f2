using System.IO.Compression;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Versions;

/// <summary>Versions for use elsewhere.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class VersionFilesTests
{
    [Fact]
    public async Task A_versions_file_and_adapter_are_sent_until_it_is_removed_and_its_run_keeps_no_copy()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        byte[] model = File.ReadAllBytes(folder["random.gguf"]);
        await RollbackTests.AddAsync(gateway, folder, 1, model);
        File.WriteAllBytes(folder["data/versions/1/adapter.gguf"], [1, 2, 3]);

        Assert.Equal(model, await gateway.Client.GetByteArrayAsync("/api/versions/1/file"));
        Assert.Equal(model, await gateway.Client.GetByteArrayAsync("/api/versions/0/file"));
        Assert.Equal("FROM ./assistant-1.gguf\n", await gateway.Client.GetStringAsync("/api/versions/1/modelfile"));
        Assert.Equal([1, 2, 3], await gateway.Client.GetByteArrayAsync("/api/versions/1/adapter"));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/versions/0/adapter")).Status);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Get, "/api/versions/1/adapter?format=onnx")).Status);
        await gateway.SendAsync(HttpMethod.Delete, "/api/versions/1");
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/versions/1/file")).Status);
    }

    [Fact]
    public void What_a_run_has_learned_is_erased_in_both_formats()
    {
        using var folder = new TemporaryFolder();
        using var data = new DataFolder(folder["data"]);
        var run = new RunFolder(data, "run-1");
        File.WriteAllText(run.Adapter, "a");
        File.WriteAllText(Path.Combine(run.Root, DataFolder.PeftWeights), "b");
        run.RemoveScaffolding();

        Assert.Equal(2, RunFolder.FilesOfLearned(data, "run-1").Count);
    }

    [Fact]
    public async Task A_zip_has_PEFTs_two_files()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["adapter_config.json", DataFolder.PeftWeights])
            File.WriteAllText(folder[name], name);
        using var body = new MemoryStream();
        await VersionFilesApi.PackAsync([folder["adapter_config.json"], folder[DataFolder.PeftWeights]], body);
        body.Position = 0;
        using var zip = new ZipArchive(body);
        Assert.Equal(["adapter_config.json", DataFolder.PeftWeights], zip.Entries.Select(e => e.FullName));
        using var reader = new StreamReader(zip.Entries[1].Open());
        Assert.Equal(DataFolder.PeftWeights, reader.ReadToEnd());
    }
}
