using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Cli;

/// <summary>The trainer's verbs as processes: what a user types, and what the gateway starts.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class TrainingVerbsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _base, _data;

    public TrainingVerbsTests()
    {
        _base = RandomModel.Write(_folder["base.gguf"]);
        _data = _folder["data.jsonl"];
        File.WriteAllLines(_data, Enumerable.Range(0, 6).Select(i =>
            $$"""{"messages":[{"role":"user","content":"When does shop {{i}} open?"},{"role":"assistant","content":"At {{i + 7}} o'clock."}]}"""));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_export_and_evaluate_make_a_file_that_has_learned()
    {
        JsonElement trained = await SucceedAsync(
            "train", "--base", _base, "--data", _data, "--out", _folder["run"], "--epochs", "10", "--rank", "4", "--threads", "2");
        Assert.True(File.Exists(trained.GetProperty("adapter").GetString()));
        Assert.True(File.Exists(Path.Combine(_folder["run"], "run.json")));
        Assert.Equal(10, File.ReadAllLines(Path.Combine(_folder["run"], "progress.jsonl")).Length);

        JsonElement exported = await SucceedAsync(
            "export", "--base", _base, "--adapter", trained.GetProperty("adapter").GetString()!, "--type", "Q8_0", "--out", _folder["taught.gguf"], "--data",
            _data, "--val", _data, "--name", "assistant", "--model-version", "1");
        Assert.Equal("Q8_0", exported.GetProperty("type").GetString());
        Assert.True(exported.GetProperty("tried")[0].GetProperty("kept").GetDouble() > 0.9);
        Assert.Equal(new FileInfo(_folder["taught.gguf"]).Length, exported.GetProperty("bytes").GetInt64());

        JsonElement written = await SucceedAsync(
            "evaluate", "--model", _base, "--adapter", trained.GetProperty("adapter").GetString()!, "--data", _data, "--generate", "--max-tokens", "8",
            "--reference", _base);
        Assert.Equal(6, written.GetProperty("generated").GetProperty("replies").GetInt32());
        Assert.True(written.GetProperty("kl").GetDouble() > 0);
        JsonElement few =
            (await SucceedAsync("evaluate", "--model", _folder["taught.gguf"], "--data", _data, "--generate", "--replies", "2", "--max-tokens", "40"))
                .GetProperty("generated");
        Assert.Equal((2, 0.0), (few.GetProperty("replies").GetInt32(), few.GetProperty("json_share").GetDouble()));
        Assert.InRange(few.GetProperty("expected_length").GetDouble(), 13, 14); // bytes of “At 7 o'clock.”
        few = (await SucceedAsync("evaluate", "--model", _base, "--data", _data, "--generate", "--replies", "2", "--max-tokens", "24"))
            .GetProperty("generated");
        Assert.Equal(0, few.GetProperty("replies").GetInt32()); // the replies take more than half of that

        await SucceedAsync(
            "evaluate", "--model", _base, "--adapter", trained.GetProperty("adapter").GetString()!, "--data", _data, "--generate", "--draws", "3", "--rows",
            _folder["rows.jsonl"]);
        JsonElement[] rows = [.. File.ReadLines(_folder["rows.jsonl"]).Select(line => JsonElement.Parse(line))];
        Assert.Equal([1, 2, 3, 4, 5, 6], rows.Select(r => r.GetProperty("row").GetInt32()));
        Assert.All(rows, row =>
        {
            JsonElement reply = row.GetProperty("written");
            Assert.Equal(("text", 3), (reply.GetProperty("measure").GetString(), reply.GetProperty("draws").GetInt32()));
            Assert.InRange(reply.GetProperty("right_draws").GetInt32(), 0, 3);
            if (row.GetProperty("whole").GetBoolean())
                Assert.True(reply.GetProperty("right").GetBoolean()); // what is predicted whole is written so
        });

        double before = (await SucceedAsync("evaluate", "--model", _base, "--data", _data)).GetProperty("loss").GetDouble();
        double after = (await SucceedAsync("evaluate", "--model", _folder["taught.gguf"], "--data", _data)).GetProperty("loss").GetDouble();
        Assert.True(after < before - 0.5, $"loss {before} → {after}");
    }

    /// <summary>
    /// Moments are random over the whole life of the process: while it starts, reads, computes, writes a checkpoint. <c>FTC_SCALE=10</c> kills 20 times.
    /// </summary>
    [Fact]
    public async Task A_run_killed_at_any_moment_goes_on_to_the_same_adapter()
    {
        string[] train =
        [
            "train", "--base", _base, "--data", _data, "--epochs", "40", "--rank", "32", "--threads", "1", "--checkpoint-seconds", "0", "--resume", "--out",
        ];
        var clock = Stopwatch.StartNew();
        await SucceedAsync([.. train, _folder["whole/run"]]);
        TimeSpan whole = clock.Elapsed;
        var random = new Random(17);
        for (int killed = 0; killed < 2 * Scale.Factor;)
        {
            await using (ProgramProcess process = ProgramProcess.Start([.. train, _folder["killed/run"]]))
            {
                await Task.WhenAny(process.ExitCodeAsync(), Task.Delay(whole * random.NextDouble())); // a moment, not a wait for something
                killed += process.HasExited ? 0 : 1;
                process.Kill();
                await process.ExitCodeAsync();
            }

            string checkpoint = _folder["killed/run/checkpoint.gguf"], adapter = _folder["killed/run/adapter.gguf"];
            if (File.Exists(checkpoint))
                Assert.NotEmpty(GgufFile.Open(checkpoint).Tensors);
            if (!File.Exists(adapter))
                continue;
            Assert.Equal(File.ReadAllBytes(_folder["whole/run/adapter.gguf"]), File.ReadAllBytes(adapter));
            Directory.Delete(_folder["killed"], recursive: true); // the next one begins anew
        }

        await SucceedAsync([.. train, _folder["killed/run"]]);
        Assert.Equal(File.ReadAllBytes(_folder["whole/run/adapter.gguf"]), File.ReadAllBytes(_folder["killed/run/adapter.gguf"]));
        Assert.Equal(Curve("whole"), Curve("killed"));
        Assert.Equal(40, Curve("whole").Length);

        (int, double)[] Curve(string run) =>
            [.. File.ReadLines(_folder[$"{run}/run/progress.jsonl"]).Select(l => JsonElement.Parse(l))
                .Select(l => (l.GetProperty("step").GetInt32(), l.GetProperty("loss").GetDouble()))];
    }

    [Fact]
    public async Task A_run_is_not_resumed_with_other_options_or_data_and_nothing_of_it_is_lost()
    {
        string[] train = ["train", "--base", _base, "--data", _data, "--out", _folder["run"], "--epochs", "3", "--threads", "1", "--checkpoint-seconds", "0"];
        await SucceedAsync(train);
        byte[] Kept() => [.. File.ReadAllBytes(_folder["run/checkpoint.gguf"]), .. File.ReadAllBytes(_folder["run/progress.jsonl"])];
        byte[] before = Kept();
        await FailAsync("--learning-rate was ", [.. train, "--resume", "--learning-rate", "0.0005"]);
        File.AppendAllText(_data, """{"messages":[{"role":"user","content":"And now?"},{"role":"assistant","content":"Now."}]}""");
        await FailAsync("the content of --data has changed", [.. train, "--resume"]);
        Assert.Equal(before, Kept());

        var (exitCode, _, errors) = await ProgramProcess.RunAsync([.. train, "--resume", "--restart-if-changed"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("The run starts over; the old checkpoint is kept as", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/checkpoint.old.gguf"]));
    }

    [Fact]
    public async Task Weights_that_are_not_finite_are_one_line_that_names_the_tensor()
    {
        string adapter = (await SucceedAsync("train", "--base", _base, "--data", _data, "--out", _folder["run"], "--epochs", "1", "--threads", "1"))
            .GetProperty("adapter").GetString()!;
        string spoilt = RandomModel.Spoil(RandomModel.Write(_folder["spoilt.gguf"]), "blk.0.attn_v.weight");
        string expected = "spoilt.gguf: tensor 'blk.0.attn_v.weight'";
        await FailAsync(expected, "evaluate", "--model", spoilt, "--data", _data);
        await FailAsync(expected, "evaluate", "--model", _base, "--data", _data, "--reference", spoilt);
        await FailAsync(expected, "train", "--base", spoilt, "--data", _data, "--out", _folder["other"]);
        await FailAsync(expected, "export", "--base", spoilt, "--adapter", adapter, "--type", "F16", "--out", _folder["x.gguf"]);
    }

    [Fact]
    public async Task A_trainer_ends_when_its_parent_is_gone()
    {
        await using ProgramProcess process = ProgramProcess.Start(
            "train", "--base", _base, "--data", _data, "--epochs", "1000", "--out", _folder["run"], "--threads", "1", "--supervised");
        await process.LineAsync("\"step\":");
        process.CloseInput();
        Assert.Equal(1, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task A_trainer_waits_while_it_is_told_to_and_ends_while_it_waits_when_its_parent_is_gone()
    {
        await using ProgramProcess process = ProgramProcess.Start(
            "train", "--base", _base, "--data", _data, "--epochs", "1000", "--out", _folder["run"], "--threads", "1", "--supervised");
        process.Write("pause");
        await process.LineAsync("\"estimate\":");
        Assert.DoesNotContain("\"step\":", process.Output, StringComparison.Ordinal);
        process.Write("resume");
        await process.LineAsync("\"step\":");
        process.Write("pause");
        process.CloseInput();
        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.True(File.Exists(_folder["run/checkpoint.gguf"]));
    }

    [Fact]
    public async Task A_run_begins_with_an_adapter_of_either_format_which_has_its_own_rank()
    {
        string[] train = ["train", "--base", _base, "--data", _data, "--epochs", "2", "--seed", "3", "--threads", "1", "--out"];
        await SucceedAsync("train", "--base", _base, "--data", _data, "--epochs", "30", "--rank", "4", "--threads", "1", "--out", _folder["first"]);
        double learned = (await SucceedAsync([.. train, _folder["gguf"], "--from", _folder["first/adapter.gguf"]])).GetProperty("train_loss").GetDouble();
        Assert.Equal(learned, (await SucceedAsync([.. train, _folder["peft"], "--from", _folder["first"]])).GetProperty("train_loss").GetDouble(), 1e-6);
        Assert.True(
            learned < 0.5 * (await SucceedAsync([.. train, _folder["new"]])).GetProperty("train_loss").GetDouble(),
            "it did not begin where the first run ended");
        var (code, _, errors) = await ProgramProcess.RunAsync([.. train, _folder["x"], "--from", _folder["first"], "--rank", "8"]);
        Assert.Equal(2, code);
        Assert.Contains("--rank cannot be chosen with --from", errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// However the engine is told to rotate positions: what is trained is measured and exported with the same. Phi-3 has a rope for short and one for long
    /// contexts.
    /// </summary>
    [Fact]
    public async Task Trainer_export_and_evaluation_take_the_same_rope()
    {
        string model = RandomModel.Write(_folder["phi.gguf"], new RandomModelShape
        {
            Architecture = "phi3",
            FusedHeads = true,
            Tied = false,
            FrequencyFactors = ["rope_factors_long.weight", "rope_factors_short.weight"],
            Metadata = new() { ["rope.scaling.original_context_length"] = 64u },
        });
        var losses = new List<double>();
        // The context of the first training (64 tokens), then that of the model as it is (512), then YaRN.
        foreach (var (i, served) in new[] { "--ctx 64", "--ctx 0", "--rope-scaling yarn --rope-factor 4 --rope-freq-base 500" }.Index())
        {
            string run = _folder[$"run{i}"];
            string[] told = ["--threads", "1", .. served.Split(' ')];
            double trained = (await SucceedAsync(
                ["train", "--base", model, "--data", _data, "--val", _data, "--out", run, "--epochs", "1", "--learning-rate", "1e-7", .. told]))
                .GetProperty("val_loss").GetDouble();
            JsonElement exported = await SucceedAsync(
                ["export", "--base", model, "--adapter", run, "--type", "F16", "--out", _folder["phi-out.gguf"], "--val", _data, .. told]);
            JsonElement measured = await SucceedAsync(["evaluate", "--model", model, "--data", _data, .. told]);
            Assert.Equal(trained, measured.GetProperty("loss").GetDouble(), 1e-3);
            Assert.Equal(trained, exported.GetProperty("adapter_loss").GetDouble(), 1e-3);
            Assert.DoesNotContain(losses, other => Math.Abs(other - trained) < 0.01);
            losses.Add(trained);
        }

        await FailAsync("cannot be divided by", "train", "--base", model, "--data", _data, "--out", _folder["run"], "--rope-factor", "1e-6");
    }

    [Theory]
    [InlineData("dpo", """{"prompt":"When do you open?","chosen":"At nine.","rejected":"I do not know."}""")]
    [InlineData(
        "kto", """{"prompt":"When do you open?","completion":"At nine.","label":true}""" + "\n"
        + """{"prompt":"Who are you?","completion":"Nobody.","label":false}""")]
    public async Task Preferences_are_learned_by_their_method(string method, string rows)
    {
        string data = Write("preferences.jsonl", rows);
        JsonElement trained = await SucceedAsync(
            "train", "--method", method, "--base", _base, "--data", data, "--out", _folder["run"], "--epochs", "3", "--rank", "4", "--threads", "1");
        Assert.True(File.Exists(trained.GetProperty("adapter").GetString()));
        JsonElement last = JsonElement.Parse(File.ReadLines(_folder["run/progress.jsonl"]).Last());
        Assert.True(last.GetProperty("reward_margin").GetDouble() > 0);

        await FailAsync("of the other kind", "train", "--method", method == "dpo" ? "kto" : "dpo", "--base", _base, "--data", data, "--out", _folder["other"]);
        (int exitCode, _, string errors) = await ProgramProcess.RunAsync("train", "--base", _base, "--data", data, "--out", _folder["other"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("learn them with --method dpo or kto", errors, StringComparison.Ordinal);
        await FailAsync("beta is -1", "train", "--method", method, "--beta", "-1", "--base", _base, "--data", data, "--out", _folder["other"]);
    }

    [Fact]
    public async Task Feedback_is_learned_beside_examples_or_alone()
    {
        string feedback = Write(
            "feedback.jsonl",
            """{"messages":[{"role":"user","content":"When do you open?"}],"chosen":[{"role":"assistant","content":"At nine."}],"rejected":"No idea."}""" + "\n"
            + """{"messages":[{"role":"user","content":"Who are you?"}],"completion":[{"role":"assistant","content":"Nobody."}],"label":false}""");
        string[] train = ["train", "--base", _base, "--feedback", feedback, "--epochs", "2", "--rank", "4", "--threads", "1"];
        await SucceedAsync([.. train, "--data", _data, "--out", _folder["beside"], "--beta", "0.5"]);
        Assert.Equal(8, JsonElement.Parse(await File.ReadAllTextAsync(_folder["beside/run.json"])).GetProperty("examples").GetInt32());
        await SucceedAsync([.. train, "--data", Write("none.jsonl", ""), "--out", _folder["alone"]]);
        await FailAsync(
            "--feedback is missing", "train", "--base", _base, "--data", _data, "--epochs", "2", "--rank", "4", "--threads", "1", "--out", _folder["beside"],
            "--resume");
        (int exitCode, _, string errors) = await ProgramProcess.RunAsync([.. train, "--method", "dpo", "--data", feedback, "--out", _folder["dpo"]]);
        Assert.Equal(2, exitCode);
        Assert.Contains("--feedback has a meaning with --method sft only", errors, StringComparison.Ordinal);
        await FailAsync("are no preferences", "train", "--base", _base, "--data", _data, "--feedback", _data, "--out", _folder["bad"]);
    }

    [Fact]
    public async Task Preferences_that_cannot_be_learned_are_named_and_a_file_of_examples_is_refused()
    {
        string same = Write("same.jsonl", """{"prompt":"Who?","chosen":"Me.","rejected":"Me."}""");
        (int exitCode, _, string errors) = await ProgramProcess.RunAsync(
            "train", "--method", "dpo", "--base", _base, "--data", same, "--out", _folder["run"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("preference 1 is left out: both replies are the same.", errors, StringComparison.Ordinal);
        await FailAsync("are no preferences", "train", "--method", "dpo", "--base", _base, "--data", _data, "--out", _folder["run"]);
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "line 1")]
    [InlineData("not json", "line 1: not JSON")]
    [InlineData("", "it is empty")]
    public async Task Bad_data_is_one_line_that_says_where(string content, string expected)
    {
        File.WriteAllText(_data, content);
        await FailAsync(expected, "train", "--base", _base, "--data", _data, "--out", _folder["run"]);
    }

    [Fact]
    public async Task What_is_not_learned_as_it_stands_in_the_file_is_listed()
    {
        string turn = """{"role":"user","content":"And then?"},{"role":"assistant","content":"Then nothing."}""";
        File.WriteAllLines(_data,
        [
            $$"""{"messages":[{{turn}}]}""",
            $$"""{"messages":[{{turn}},{{turn}},{{turn}},{{turn}},{{turn}},{{turn}}]}""",
            $$"""{"messages":[{"role":"user","content":"Long?"},{"role":"assistant","content":"{{new string('x', 300)}}"}]}""",
            $$"""{"messages":[{{turn}}]}""",
            """{"messages":[{"role":"user","content":"Empty?"},{"role":"assistant","content":""}]}""",
        ]);
        var (exitCode, _, errors) = await ProgramProcess.RunAsync(
            "train", "--base", _base, "--data", _data, "--out", _folder["run"], "--epochs", "1", "--seq-len", "128", "--threads", "1");
        Assert.Equal(0, exitCode);
        Assert.Contains("conversation 2 has", errors, StringComparison.Ordinal);
        Assert.Matches("its first [2-5] turns are left out", errors);
        Assert.Contains("conversation 3 is left out: its last turn alone has", errors, StringComparison.Ordinal);
        Assert.Contains("conversation 4 says the same as conversation 1", errors, StringComparison.Ordinal);
        Assert.Contains("conversation 5 has a reply without text", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("conversation 1 ", errors.Replace("as conversation 1;", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_value_or_file_is_one_line_that_says_what_is_allowed()
    {
        await FailAsync("allowed: 1 to 512", "train", "--base", _base, "--data", _data, "--out", _folder["run"], "--rank", "0");
        await FailAsync("missing.gguf", "train", "--base", _folder["missing.gguf"], "--data", _data, "--out", _folder["run"]);
        await FailAsync("not a usable GGUF file", "train", "--base", _data, "--data", _data, "--out", _folder["run"]);
        await FailAsync("not a usable GGUF file", "export", "--base", _base, "--adapter", _data, "--type", "Q8_0", "--out", _folder["x.gguf"]);
        await FailAsync("no LoRA adapter", "export", "--base", _base, "--adapter", _base, "--type", "Q8_0", "--out", _folder["x.gguf"]);
    }

    [Fact]
    public async Task Wrong_usage_exits_with_2()
    {
        var (exitCode, _, errors) = await ProgramProcess.RunAsync("export", "--base", _base, "--type", "Q3");
        Assert.Equal(2, exitCode);
        Assert.Contains("Q8_0", errors, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await ProgramProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: {errors}");
        return JsonElement.Parse(output.TrimEnd().Split('\n')[^1]);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private static async Task FailAsync(string expected, params string[] arguments)
    {
        var (exitCode, _, errors) = await ProgramProcess.RunAsync(arguments);
        Assert.Equal(1, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }
}
