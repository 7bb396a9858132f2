using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>How the engine process starts, refuses to start, and ends.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class EngineProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Model => RandomModel.Write(_folder["tiny.gguf"]);

    [Fact]
    public async Task A_missing_or_damaged_model_is_one_line_and_exit_code_1()
    {
        File.WriteAllBytes(_folder["damaged.gguf"], [.. "GGUF"u8, .. new byte[100]]);

        foreach (string file in new[] { _folder["absent.gguf"], _folder["damaged.gguf"] })
            Assert.Contains(file, await RefusedAsync("--model", file, "--socket", _folder["s"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_adapter_or_template_is_one_line_and_exit_code_1()
    {
        File.WriteAllText(_folder["bad.jinja"], "{% for m in messages %}");

        Assert.Contains("adapter", await RefusedAsync("--model", Model, "--adapter", Model, "--socket", _folder["s"]), StringComparison.Ordinal);
        Assert.Contains("--chat-template-file", await RefusedAsync("--model", Model, "--chat-template-file", _folder["bad.jinja"], "--socket", _folder["s"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_beyond_the_models_and_an_address_of_other_machines_are_refused()
    {
        Assert.Contains("at most 512", await RefusedAsync("--model", Model, "--socket", _folder["s"], "--ctx", "100000"), StringComparison.Ordinal);
        Assert.Contains("this machine only", await RefusedAsync("--model", Model, "--urls", "http://0.0.0.0:8080"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cache-type-k", "q3_k", "must be one of f32, f16")]
    [InlineData("--threads", "many", "must be a whole number")]
    [InlineData("--parallel", "65", "must be from 1 to 64")]
    [InlineData("--rope-factor", "NaN", "must be a number")]
    [InlineData("--adapter", "x.gguf:1e9", "from -100 to 100")]
    public async Task A_wrong_option_says_what_is_allowed(string option, string value, string allowed)
    {
        (int exitCode, _, string errors) = await ProgramProcess.RunAsync("engine", "--model", "x.gguf", option, value);

        Assert.Equal(2, exitCode);
        Assert.Contains(option, errors, StringComparison.Ordinal);
        Assert.Contains(allowed, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_setting_of_a_model_reaches_it()
    {
        string model = RandomModel.Write(_folder["wide.gguf"], new RandomModelShape(Width: 128, Heads: 4, KvHeads: 2));
        await using ProgramProcess engine = ProgramProcess.Start(
            "engine", "--model", model, "--socket", _folder["s"], "--ctx", "1000", "--parallel", "2", "--threads", "1", "--batch", "128", "--micro-batch",
                "64", "--cache-type-k", "q8_0",
            "--cache-type-v", "q4_0", "--flash-attention", "on", "--mmap", "off", "--mlock", "false", "--gpu-layers", "3", "--rope-scaling", "yarn",
                "--rope-factor", "2");
        await engine.LineAsync("serving");

        Assert.Contains("1000 tokens for one request, 2 replies at a time, cache of 2048 tokens in Q8_0 and Q4_0", engine.Output, StringComparison.Ordinal);
        Assert.Contains("batches of 128 in parts of 64, flash attention on, positions yarn by 2", engine.Output, StringComparison.Ordinal);
        using HttpClient http = TestEngine.Client(_folder["s"]);
        using HttpResponseMessage reply = await http.PostAsync("/v1/chat/completions",
            Json("""{"messages":[{"role":"user","content":"hello"}],"max_tokens":3}"""));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }

    // It starts while another one answers: .NET would watch every folder below the one where the program was started.
    [LinuxFact("/proc")]
    public async Task No_folder_is_watched()
    {
        await using ProgramProcess engine = ProgramProcess.Start("engine", "--model", Model, "--socket", _folder["s"], "--threads", "1");
        await engine.LineAsync("serving");

        Assert.DoesNotContain("anon_inode:inotify", Directory.GetFiles($"/proc/{engine.Id}/fd").Select(file => new FileInfo(file).LinkTarget));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_exit_code_1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        Assert.Contains($"{url} is in use", await RefusedAsync("--model", Model, "--urls", url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_in_use_is_refused_and_one_that_a_dead_process_left_is_taken_over()
    {
        string[] options = ["--model", Model, "--socket", _folder["s"]];
        await using (ProgramProcess first = ProgramProcess.Start(["engine", .. options]))
        {
            await first.LineAsync("serving");
            Assert.Contains("Another process serves", await RefusedAsync(options), StringComparison.Ordinal);
            first.Kill();
            await first.ExitCodeAsync();
        }

        Assert.True(File.Exists(_folder["s"]));
        await using ProgramProcess second = ProgramProcess.Start(["engine", .. options]);
        await second.LineAsync("serving");
    }

    [Fact]
    public async Task A_model_is_found_by_a_name_with_slash_and_colon_encoded_or_not()
    {
        await using ProgramProcess engine = ProgramProcess.Start("engine", "--model", Model, "--socket", _folder["s"], "--alias", "org/name:Q8_0",
            "--threads", "1");
        await engine.LineAsync("serving");
        using HttpClient http = TestEngine.Client(_folder["s"]);

        foreach (string path in new[] { "/v1/models/org/name:Q8_0", "/v1/models/org%2Fname%3AQ8_0" })
            Assert.Equal("org/name:Q8_0", (await http.GetFromJsonAsync<JsonElement>(path)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_supervised_engine_ends_with_its_parent()
    {
        await using ProgramProcess engine = ProgramProcess.Start("engine", "--model", Model, "--socket", _folder["s"], "--supervised");
        await engine.LineAsync("serving");

        engine.CloseInput();

        Assert.Equal(0, await engine.ExitCodeAsync());
    }

    [Fact]
    public async Task Kill_9_while_it_writes_ends_the_stream_and_a_new_process_serves_again()
    {
        string[] command = ["engine", "--model", RandomModel.Write(_folder["large.gguf"], new RandomModelShape(Width: 256, FeedForward: 1024, Context: 8192)),
            "--socket", _folder["s"], "--threads", "1"];
        await using ProgramProcess engine = ProgramProcess.Start(command);
        await engine.LineAsync("serving");
        using HttpClient http = TestEngine.Client(_folder["s"]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Json("""{"messages":[{"role":"user","content":"hello"}],"stream":true,"ignore_eos":true}"""),
        };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        Assert.NotEqual(0, await stream.ReadAsync(new byte[16]));

        engine.Kill();

        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(Stream.Null));
        await engine.ExitCodeAsync();
        await using ProgramProcess next = ProgramProcess.Start(command);
        await next.LineAsync("serving");
        using HttpClient again = TestEngine.Client(_folder["s"]);
        using HttpResponseMessage reply = await again.PostAsync("/v1/chat/completions",
            Json("""{"messages":[{"role":"user","content":"hello"}],"max_tokens":3}"""));
        Assert.True((await reply.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("usage", out _));
    }

    /// <summary>Starts an engine that must not start, and returns what it says: one line, after llama.cpp's own if it had any.</summary>
    private static async Task<string> RefusedAsync(params string[] options)
    {
        (int exitCode, string output, string errors) = await ProgramProcess.RunAsync(["engine", .. options]);
        Assert.Equal((1, ""), (exitCode, output));
        string[] lines = errors.Trim().Split('\n');
        Assert.All(lines[..^1], line => Assert.StartsWith("fail: llama.cpp", line, StringComparison.Ordinal));
        return lines[^1];
    }

    private static StringContent Json(string body) => new(body, null, "application/json");

    public void Dispose() => _folder.Dispose();
}
