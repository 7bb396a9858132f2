using System.Text.Json;
using FineTuneChat.Cli;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Making;

/// <summary><c>pretrain</c> on a user's own texts, as a process.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class PretrainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_of_texts_becomes_a_model_that_is_taught()
    {
        Directory.CreateDirectory(_folder["texts"]);
        for (int i = 0; i < 4; i++)
            File.WriteAllText(_folder[$"texts/{i}.txt"], string.Join(
                "\n\n", Enumerable.Range(0, 80).Select(j => $"In the year {1000 + (90 * i) + j} the miller had {j % 7 + 2} sheep.")));
        JsonElement made = await SucceedAsync(
            "pretrain", "--corpus", _folder["texts"], "--out", _folder["m"], "--vocab-size", "512", "--layers", "2", "--width", "32", "--context", "128",
            "--steps", "3", "--threads", "1");
        Assert.Equal(3, made.GetProperty("steps").GetInt32());
        Assert.True(File.Exists(_folder["m/recipe.json"]));
        Assert.Equal(3, File.ReadAllLines(_folder["m/progress.jsonl"]).Length);

        File.WriteAllText(_folder["data.jsonl"], "{\"prompt\":\"How many sheep?\",\"completion\":\"Three.\"}\n");
        JsonElement taught = await SucceedAsync(
            "train", "--base", made.GetProperty("model").GetString()!, "--data", _folder["data.jsonl"], "--out", _folder["t"], "--epochs", "2",
            "--threads", "1");
        Assert.Equal(2, taught.GetProperty("steps").GetInt32());
    }

    [Theory]
    [InlineData("", "One of --recipe and --corpus is needed.")]
    [InlineData("--corpus . --recipe r.json", "One of --recipe and --corpus is needed, not both.")]
    [InlineData("--recipe r.json --steps 3", "--steps has a meaning with --corpus only")]
    [InlineData("--corpus . --continue m --width 64", "--width cannot be chosen with --continue")]
    public void Wrong_use_is_told(string arguments, string message)
    {
        string[] given = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(message, Assert.Single(PretrainCommand.Create().Parse(["--out", "x", .. given]).Errors).Message);
    }

    private static async Task<JsonElement> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await ProgramProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, errors);
        return JsonElement.Parse(output.TrimEnd().Split('\n')[^1]);
    }
}
