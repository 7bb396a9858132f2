using System.Text.Json;
using FineTuneChat.Tests.Models;
using FineTuneChat.TestSupport;
using FineTuneChat.TestSupport.Hub;

namespace FineTuneChat.Tests.Cli;

/// <summary><c>pull</c>, <c>list</c>, <c>show</c>, <c>rm</c>, <c>ps</c>, <c>run</c> as processes, without a server.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ModelVerbsTests : IClassFixture<HubFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _hub;
    private readonly Dictionary<string, string> _settings;

    public ModelVerbsTests(HubFixture fixture)
    {
        _hub = fixture.Hub;
        _hub.Forget();
        _settings = new()
        {
            ["FINETUNECHAT__Models__HubUrl"] = _hub.Address.ToString(),
            ["FINETUNECHAT__Models__Folder"] = _folder.Path,
            ["FINETUNECHAT__Server__Urls"] = "http://127.0.0.1:1", // nobody
            ["FINETUNECHAT__Engine__Threads"] = "1",
            ["HF_TOKEN"] = _hub.Token,
        };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_in_the_middle_the_same_order_goes_on_and_then_the_model_is_there()
    {
        _hub.Trouble = r => r is { IsStorage: true, From: >= 1_000_000 } ? new HubTrouble { StallAfter = 100 } : null;
        await using (ProgramProcess first = ProgramProcess.Start(_settings, "pull", "owner/repo"))
        {
            string state = _folder["owner/repo/m-Q4_K_M.gguf.state.partial"];
            await Eventually.TrueAsync(() => _hub.BytesSent > 800_000 && File.Exists(state));
            first.Kill();
            await first.ExitCodeAsync();
        }
        Assert.Equal(0, (await SucceedAsync("list")).GetProperty("data").GetArrayLength());
        _hub.Forget();

        JsonElement pulled = await SucceedAsync("pull", "owner/repo", "--json");

        Assert.Equal("m-Q4_K_M", pulled.GetProperty("name").GetString());
        Assert.Equal(_folder["owner/repo/m-Q4_K_M.gguf"], pulled.GetProperty("file").GetString());
        Assert.Equal(HubServer.HashOf(ModelFiles.Model), pulled.GetProperty("sha256").GetString());
        Assert.Equal(ModelFiles.Model, File.ReadAllBytes(pulled.GetProperty("file").GetString()!));
        Assert.Contains(_hub.Requests, r => r.Authorization == $"Bearer {_hub.Token}");
        Assert.DoesNotContain(_hub.Requests, r => r.IsStorage && r.Authorization is not null);

        JsonElement shown = await SucceedAsync("show", "owner/repo");
        Assert.Equal(("owner/repo", true), (shown.GetProperty("repository").GetString(), shown.GetProperty("usable").GetBoolean()));
        Assert.Equal("m-Q4_K_M", (await SucceedAsync("models", "inspect", pulled.GetProperty("file").GetString()!)).GetProperty("name").GetString());
        (int code, string reply, string errors) = await RunAsync("run", "owner/repo", "Say something.");
        Assert.True(code == 0 && reply.Length > 0, errors);
        Assert.True((await SucceedAsync("rm", "m-Q4_K_M")).GetProperty("deleted").GetBoolean());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Ollamas_models_are_taken_over_and_models_given_to_LM_Studio_and_Ollama()
    {
        string hash = HubServer.HashOf(ModelFiles.Small), manifests = _folder["ollama-home/manifests/registry.ollama.ai/library/tiny"];
        Directory.CreateDirectory(manifests);
        Directory.CreateDirectory(_folder["ollama-home/blobs"]);
        File.WriteAllText(Path.Combine(manifests, "latest"), $$"""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{hash}}","size":1}]}""");
        string blob = _folder[$"ollama-home/blobs/sha256-{hash}"];
        File.WriteAllBytes(blob, ModelFiles.Small);
        _settings["OLLAMA_MODELS"] = _folder["ollama-home"];
        _settings["FINETUNECHAT__Models__Folder"] = _folder["models"];

        JsonElement taken = await SucceedAsync("models", "import-ollama", "tiny");
        Assert.Equal("tiny-latest", taken.GetProperty("name").GetString());
        Assert.Equal(ModelFiles.Small, File.ReadAllBytes(taken.GetProperty("file").GetString()!));
        await FailAsync("It has: tiny:latest", "models", "import-ollama", "other");

        JsonElement installed = await SucceedAsync("install", "tiny-latest", "--to", "lmstudio", "--folder", _folder["lm"]);
        Assert.Equal(_folder["lm/finetunechat/tiny-latest/tiny-latest.gguf"], installed.GetProperty("path").GetString());
        Assert.Equal(ModelFiles.Small, File.ReadAllBytes(installed.GetProperty("path").GetString()!));
        _settings["PATH"] = Path.GetDirectoryName(Environment.ProcessPath)!; // without Ollama
        installed = await SucceedAsync("install", "tiny-latest", "--to", "ollama", "--name", "mine", "--folder", _folder["modelfiles"]);
        Assert.Equal($"FROM {taken.GetProperty("file").GetString()}\n", File.ReadAllText(installed.GetProperty("path").GetString()!));

        File.WriteAllBytes(blob, ModelFiles.Model);
        Directory.Delete(_folder["models"], recursive: true);
        await FailAsync("is damaged", "models", "import-ollama", "tiny");
    }

    [Fact]
    public async Task Errors_are_one_line_with_what_to_do()
    {
        await FailAsync("There is: Q8_0, Q4_K_M", "pull", "owner/repo:Q2_K");
        await FailAsync("owner/repo:Q4_K_M", "pull", "llama3");
        await FailAsync("finetunechat serve", "ps");
        await FailAsync("finetunechat pull", "show", "nothing");
        await FailAsync("There is no model", "models", "remove", "nothing");
    }

    private async Task<JsonElement> SucceedAsync(params string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(arguments);
        Assert.True(code == 0, errors);
        return JsonElement.Parse(output.TrimEnd().Split('\n')[^1]);
    }

    private async Task FailAsync(string named, params string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using ProgramProcess process = ProgramProcess.Start(_settings, arguments);
        process.CloseInput();
        return (await process.ExitCodeAsync(), process.Output, process.Errors);
    }
}
