using System.Diagnostics;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Trainers;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Making.Axolotl;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;
using ProgramProcess = FineTuneChat.Gateway.Processes.ProgramProcess;

namespace FineTuneChat.Tests.Retraining;

/// <summary>A command trains: here our own <c>train</c>, on a tiny random model, as somebody else's program would on the bundle.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class CommandTrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_command_has_trained_serves_although_the_gateway_was_stopped_in_between()
    {
        string run;
        await using (TestGateway gateway = await StartAsync("--epochs", "30"))
        {
            run = await TeachAsync(gateway);
            await Eventually.TrueAsync(() => File.Exists(_folder[$"data/runs/{run}/bundle/bundle.json"]));
            AxolotlConfig order = AxolotlConfig.Read(_folder[$"data/runs/{run}/bundle/axolotl.yml"]);
            Assert.Equal((8, 16, "cosine", 0.002), (order.Options.Rank, order.Options.Alpha, order.Options.Schedule, order.Options.LearningRate));
            Assert.Equal(TargetsAttribute.Linears, TargetsAttribute.Split(order.Options.Targets!));
            Assert.Equal([_folder[$"data/runs/{run}/bundle/train.jsonl"]], order.Data);
            await Eventually.TrueAsync(async () => await StepAsync(gateway, run) > 1);
        }
        await using TestGateway again = await StartAsync("--epochs", "30");
        JsonNode ended = await RetrainingTests.FinishedAsync(again, run);

        Assert.True((string?)ended["status"] == "succeeded", ended.ToJsonString());
        Assert.Equal((int)ended["progress"]!["steps"]!, ended["curve"]!.AsArray().Count);
        JsonNode now = (await again.ChatAsync("When do you open?", maxTokens: 24)).Body;
        Assert.Equal(("assistant@1", "At nine."), ((string?)now["model"], (string?)now["choices"]![0]!["message"]!["content"]));
        string folder = _folder[$"data/runs/{run}"];
        Assert.Equal("job", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run.json")))!["trainer"]);
        Assert.True(PeftFolder.IsThere(folder));
        Assert.False(Directory.Exists(Path.Combine(folder, "bundle")));
    }

    [Fact]
    public async Task A_cancelled_run_ends_its_command()
    {
        await using TestGateway gateway = await StartAsync("--epochs", "1000");
        string run = await TeachAsync(gateway);
        await Eventually.TrueAsync(async () => await StepAsync(gateway, run) > 1);
        Assert.Equal(200, (await gateway.PostAsync("/api/training/cancel", "{}")).Status);

        Assert.Equal("cancelled", (string?)(await RetrainingTests.FinishedAsync(gateway, run))["status"]);
        string log = _folder[$"data/runs/{run}/bundle/output/progress.jsonl"];
        new FileStream(log, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose(); // nobody writes it any more
        IReadOnlyList<string> erasable = RunFolder.FilesOfData(gateway.Get<DataFolder>(), run);
        Assert.Contains(_folder[$"data/runs/{run}/bundle/train.jsonl"], erasable);
        Assert.Contains(log, erasable);
    }

    [UnixFact("cat")]
    public async Task A_command_that_outlived_its_gateway_is_waited_for_and_ended_by_a_cancel()
    {
        string mark = _folder["process.json"];
        foreach (bool isCancelled in (bool[])[false, true])
        {
            using var command = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
            CommandMark.Write(mark, command);
            using var cancel = new CancellationTokenSource();
            Task waiting = CommandMark.WaitAsync(mark, cancel.Token);
            Assert.False(waiting.IsCompleted);
            if (isCancelled)
            {
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            }
            else
            {
                command.StandardInput.Close();
                await waiting;
                Assert.False(File.Exists(mark));
            }
            await command.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task An_adapter_that_is_not_what_was_asked_for_is_refused_with_the_reason()
    {
        NativeLibraries.Load();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(_folder);
        GgufFile model = GgufFile.Open(_folder["random.gguf"]);
        using (LoraAdapter adapter = LoraFile.Load(RandomAdapter.Write(_folder["adapter.gguf"], model.Path, seed: 1), model))
            PeftAdapter.Save(_folder.Path, adapter, model);
        string config = File.ReadAllText(_folder[PeftFolder.ConfigName]);
        Run run = await gateway.Get<RunStore>().CreateAsync(new RunOptions());
        var folder = new RunFolder(gateway.Get<DataFolder>(), run.Id);
        foreach ((string key, JsonNode value, string reason) in ((string, JsonNode, string)[])
        [
            ("r", 4, "its rank is 4, the run asked for 8"), ("base_model_name_or_path", "Qwen/Qwen2.5-0.5B", "Trainer:Base = Qwen/Qwen2.5-0.5B"),
            ("use_dora", true, "use_dora is true"),
        ])
        {
            JsonNode changed = JsonNode.Parse(config)!;
            changed[key] = value;
            File.WriteAllText(_folder[PeftFolder.ConfigName], changed.ToJsonString());
            var refused = await Assert.ThrowsAsync<VerbException>(() => gateway.Get<AdapterIntake>().TakeAsync(
                gateway.Get<AssistantRegistry>().First, run, folder, _folder.Path, rank: 8, CancellationToken.None));
            Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(folder.Root));
        }
    }

    [Fact]
    public async Task A_command_that_is_not_there_fails_the_run_and_one_that_is_not_named_the_start()
    {
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(_folder, ("Trainer:Kind", "job"), ("Trainer:Command:0", "no-such-program")))
        {
            JsonNode ended = await RetrainingTests.FinishedAsync(gateway, await TeachAsync(gateway));
            Assert.Equal("failed", (string?)ended["status"]);
            Assert.Contains("'no-such-program' could not be started", (string?)ended["error"], StringComparison.Ordinal);
        }
        var refused = await Assert.ThrowsAsync<FineTuneChat.Protocol.UserException>(() => TestGateway.StartAsync(_folder, ("Trainer:Kind", "job")));
        Assert.Contains("Trainer:Command", refused.Message, StringComparison.Ordinal);
    }

    private Task<TestGateway> StartAsync(params string[] options)
    {
        string[] command =
        [
            .. ProgramProcess.Command(), "train", "--base", _folder["random.gguf"], "--data", "train.jsonl", "--out", "output", "--resume", "--threads", "1",
            "--rank", "8", "--learning-rate", "0.002", .. options,
        ];
        return TestGateway.StartReadyAsync(
            _folder,
            [
                ("Trainer:Kind", "job"), ("Retraining:Rank", "8"), ("Retraining:Alpha", "16"), ("Retraining:LearningRate", "0.002"),
                .. command.Select((argument, i) => ($"Trainer:Command:{i}", argument)),
            ]);
    }

    private static async Task<string> TeachAsync(TestGateway gateway)
    {
        string id = await gateway.LogAsync("When do you open?", "No idea.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        return (string)(await gateway.PostAsync("/api/training/start", "{}")).Body["id"]!;
    }

    private static async Task<int> StepAsync(TestGateway gateway, string run) =>
        (int?)(await gateway.GetJsonAsync($"/api/training/runs/{run}"))["progress"]?["step"] ?? 0;
}
