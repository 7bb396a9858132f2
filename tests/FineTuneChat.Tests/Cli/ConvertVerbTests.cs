using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;

namespace FineTuneChat.Tests.Cli;

/// <summary><c>convert</c> as a process: what a user types.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ConvertVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _hub;

    public ConvertVerbTests()
    {
        NativeLibraries.Load();
        _hub = HuggingFaceWriter.Write(_folder["hub"], RandomModel.Write(_folder["before.gguf"]), "BF16", shards: 2);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_becomes_a_file_and_its_last_line_says_which()
    {
        var (exitCode, output, errors) =
            await ProgramProcess.RunAsync("convert", _hub, "--out", _folder["after.gguf"], "--type", "Q8_0", "--source", "owner/name");
        Assert.True(exitCode == 0, errors);
        JsonElement line = JsonElement.Parse(output.Trim().Split('\n')[^1]);
        Assert.Equal(["out", "type", "architecture", "bytes", "seconds"], line.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            (_folder["after.gguf"], "Q8_0", "llama", new FileInfo(_folder["after.gguf"]).Length),
            (line.GetProperty("out").GetString(), line.GetProperty("type").GetString(), line.GetProperty("architecture").GetString(),
                line.GetProperty("bytes").GetInt64()));
        Assert.Equal("owner/name", GgufFile.Open(_folder["after.gguf"]).Metadata.Text("general.source.huggingface.repository"));
    }

    [Fact]
    public async Task An_adapters_folder_becomes_an_adapter_beside_its_base_alone()
    {
        string model = _folder["before.gguf"], peft = Directory.CreateDirectory(_folder["peft"]).FullName;
        using (LoraAdapter adapter = LoraFile.Load(RandomAdapter.Write(_folder["adapter.gguf"], model, seed: 1), GgufFile.Open(model)))
            PeftAdapter.Save(peft, adapter, GgufFile.Open(model));
        var (exitCode, output, errors) = await ProgramProcess.RunAsync("convert", peft, "--base", model, "--out", _folder["out/adapter.gguf"]);
        Assert.True(exitCode == 0, errors);
        JsonElement line = JsonElement.Parse(output.Trim().Split('\n')[^1]);
        Assert.Equal(
            ("adapter", "llama", 8, 14), (
                line.GetProperty("type").GetString(), line.GetProperty("architecture").GetString(), line.GetProperty("rank").GetInt32(),
                line.GetProperty("layers").GetInt32()));
        Assert.Equal(
            GgufFile.Open(_folder["adapter.gguf"]).Tensors.Select(t => t.Name).Order(),
            GgufFile.Open(_folder["out/adapter.gguf"]).Tensors.Select(t => t.Name).Order());

        string other = RandomModel.Write(_folder["other.gguf"], new RandomModelShape(Width: 128));
        (exitCode, _, errors) = await ProgramProcess.RunAsync("convert", peft, "--base", other, "--out", _folder["wrong.gguf"]);
        Assert.Equal((1, false), (exitCode, File.Exists(_folder["wrong.gguf"])));
        Assert.Contains("do not fit", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = await ProgramProcess.RunAsync("convert", peft, "--out", _folder["wrong.gguf"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("--base FILE.gguf", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_converted_is_one_line_and_leaves_nothing()
    {
        File.Delete(Path.Combine(_hub, "model-00002-of-00002.safetensors"));
        var (exitCode, output, errors) = await ProgramProcess.RunAsync("convert", _hub, "--out", _folder["out/after.gguf"]);
        Assert.Equal((1, ""), (exitCode, output.Trim()));
        Assert.EndsWith(
            "1 of 2 weight files are missing: model-00002-of-00002.safetensors. Download them, too.", Assert.Single(errors.Trim().Split('\n')),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]) && Directory.EnumerateFileSystemEntries(_folder["out"]).Any());
        Assert.Equal(2, (await ProgramProcess.RunAsync("convert", _hub, "--out", _folder["after.gguf"], "--type", "Q17")).ExitCode);
    }
}
