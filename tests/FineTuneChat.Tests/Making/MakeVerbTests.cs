using System.Text.Json;
using FineTuneChat.Cli;
using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Making;

/// <summary><c>make</c> as its users type it: the program's own verbs, in processes of their own.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class MakeVerbTests : IDisposable
{
    private const int Stages = 6;

    private readonly TemporaryFolder _folder = new();
    private readonly string _base;

    public MakeVerbTests() => _base = RandomModel.Write(_folder["base.gguf"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Data_becomes_a_model_with_figures_a_second_run_does_nothing_and_a_changed_option_does_what_it_touches()
    {
        // The first guide's data as it stands there, and a reply with white space around it.
        File.WriteAllText(_folder["ejemplos.json"], """
            [
              {"user": "¿Capital de España?", "assistant": "Madrid."},
              {"user": "Explica la gravedad.", "assistant": "Es la fuerza que atrae objetos con masa."},
              {"user": "Python: print hola", "assistant": "  print('hola') "},
              {"user": "¿Quién eres?", "assistant": "Soy una IA personalizada entrenada en tu Mac."}
            ]
            """);
        string[] make =
        [
            "make", _folder["ejemplos.json"], "--out", _folder["made"], "--base", _base, "--epochs", "2", "--rank", "2", "--threads", "1", "--max-tokens", "8",
        ];
        JsonElement made = await SucceedAsync(make);
        Assert.Equal(3, made.GetProperty("examples").GetInt32());
        Assert.Equal("model-Q4_K_M.gguf", Path.GetFileName(made.GetProperty("out").GetString()));
        JsonElement test = made.GetProperty("test");
        Assert.True(test.GetProperty("loss").GetDouble() < test.GetProperty("base_loss").GetDouble());
        Assert.Equal(1, test.GetProperty("rows").GetInt32());
        Assert.NotEmpty(GgufFile.Open(made.GetProperty("out").GetString()!).Tensors);
        Assert.All(
            (string[])["adapter/adapter.gguf", "adapter/adapter_config.json", "adapter/adapter_model.safetensors", "make.json"],
            file => Assert.True(File.Exists(_folder[$"made/{file}"]), file));
        string card = File.ReadAllText(made.GetProperty("report").GetString()!);
        Assert.Contains("| `white_space` | ", card);
        Assert.Contains("4 rows were read: 3 to learn, 0 to choose by, 1 for the test", card);
        Assert.DoesNotContain("Madrid", card); // no text of the data

        DateTime written = File.GetLastWriteTimeUtc(_folder["made/make.json"]);
        (JsonElement again, string said) = await TellAsync(make);
        Assert.Contains("there was nothing to do", said);
        Assert.Equal((0, written), (again.GetProperty("stages_done").GetInt32(), File.GetLastWriteTimeUtc(_folder["made/make.json"])));

        (JsonElement other, said) = await TellAsync([.. make, "--type", "F16"]);
        Assert.Contains("training: is done.", said);
        Assert.Contains("again: --type was not given and is F16", said);
        Assert.Equal(("model-F16.gguf", 3), (Path.GetFileName(other.GetProperty("out").GetString()), other.GetProperty("stages_done").GetInt32()));
    }

    /// <summary>Killed in the training, and in the long form (<c>FTC_SCALE=2</c>) in each of the stages.</summary>
    [Fact]
    public async Task A_make_that_was_killed_goes_on_to_the_same_files()
    {
        File.WriteAllLines(
            _folder["data.jsonl"], Enumerable.Range(0, 12).Select(i => $$"""{"prompt":"Shop {{(char)('a' + i)}} opens when?","completion":"At {{i}}."}"""));
        string[] make =
        [
            "make", _folder["data.jsonl"], "--base", _base, "--epochs", "4", "--rank", "2", "--threads", "1", "--max-tokens", "4", "--type", "Q8_0",
            "--test-share", Scale.Factor > 1 ? "0.1" : "0", "--out",
        ];
        JsonElement whole = await SucceedAsync([.. make, _folder["whole/m"]]);
        foreach (int stage in Scale.Factor > 1 ? Enumerable.Range(1, Stages) : [2])
        {
            await using (ProgramProcess process = ProgramProcess.Start([.. make, _folder[$"killed{stage}/m"]]))
            {
                await Eventually.TrueAsync(() => process.HasExited || process.Errors.Contains($"[{stage}/{Stages}]", StringComparison.Ordinal));
                process.Kill();
            }
            JsonElement killed = await SucceedAsync([.. make, _folder[$"killed{stage}/m"]]);
            Assert.Equal(File.ReadAllBytes(whole.GetProperty("adapter").GetString()!), File.ReadAllBytes(killed.GetProperty("adapter").GetString()!));
            Assert.Equal(File.ReadAllBytes(whole.GetProperty("out").GetString()!), File.ReadAllBytes(killed.GetProperty("out").GetString()!));
            Assert.Equal(whole.GetProperty("test").ToString(), killed.GetProperty("test").ToString());
            Assert.Empty(Directory.EnumerateFiles(_folder[$"killed{stage}"], "*.partial", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public async Task A_sweep_over_preferences_takes_the_trial_with_the_lowest_loss()
    {
        File.WriteAllLines(_folder["pairs.jsonl"], Enumerable.Range(0, 12).Select(i =>
            $$"""{"prompt":"Shop {{(char)('a' + i)}} opens when?","chosen":"At {{i}}.","rejected":"I do not know {{(char)('a' + i)}}."}"""));
        JsonElement made = await SucceedAsync(
            "make", _folder["pairs.jsonl"], "--method", "dpo", "--base", _base, "--out", _folder["made"], "--epochs", "1", "--rank", "2", "--threads", "1",
            "--test-share", "0", "--sweep", "learning_rate=1e-6,1e-2");
        JsonElement[] stages = [.. JsonElement.Parse(File.ReadAllText(_folder["made/make.json"])).EnumerateArray()];
        JsonElement choice = stages.Single(s => s.GetProperty("stage").GetString() == "choose").GetProperty("result");
        double[] losses = [.. choice.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("validation_loss").GetDouble())];
        int chosen = choice.GetProperty("chosen").GetInt32();
        Assert.Equal(losses.Min(), losses[chosen]);
        Assert.Equal(File.ReadAllBytes(_folder[$"made/sweep/{chosen + 1}/adapter.gguf"]), File.ReadAllBytes(made.GetProperty("adapter").GetString()!));
        Assert.Contains("(taken)", File.ReadAllText(made.GetProperty("report").GetString()!));
        Assert.Equal(JsonValueKind.Null, made.GetProperty("test").ValueKind);
    }

    [Fact]
    public async Task What_is_wrong_is_told_before_anything_is_made()
    {
        File.WriteAllText(_folder["bad.jsonl"], "{\"prompt\":\"a\",\"completion\":\"b\"}\n{\\\"prompt\\\"}\n");
        var (exitCode, _, errors) = await ProgramProcess.RunAsync("make", _folder["bad.jsonl"], "--base", _base, "--out", _folder["x"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("line 2: not JSON", errors);
        Assert.False(File.Exists(_folder["x/make.json"]));
    }

    [Theory]
    [InlineData("--no-clean spelling", "'spelling' is no cleaning rule")]
    [InlineData("--sweep rang=4", "'rang' is no option of a run")]
    [InlineData("--test-share 1", "0 to below 1 is")]
    [InlineData("--type Q2_K", "Q2_K")]
    public void Wrong_use_is_told(string arguments, string message) =>
        Assert.Contains(message, Assert.Single(MakeCommand.Create().Parse(["a.csv", "--out", "x", .. arguments.Split(' ')]).Errors).Message);

    private static async Task<JsonElement> SucceedAsync(params string[] arguments) => (await TellAsync(arguments)).Result;

    private static async Task<(JsonElement Result, string Errors)> TellAsync(string[] arguments)
    {
        var (exitCode, output, errors) = await ProgramProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, errors);
        return (JsonElement.Parse(output.TrimEnd().Split('\n')[^1]), errors);
    }
}
