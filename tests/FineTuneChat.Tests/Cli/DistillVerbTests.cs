using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Cli;

/// <summary><c>distill</c>: the starter is the teacher, in an engine of its own and behind a server.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DistillVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_of_this_machine_answers_and_a_run_that_was_cut_off_goes_on()
    {
        File.WriteAllText(_folder["prompts.txt"], "What is the capital of France?\n\nHello!\nWhat is the capital of France?\nWrite this in Spanish: cat\n");
        string[] order = ["distill", "--prompts", _folder["prompts.txt"], "--model", "starter", "--out", _folder["rows.jsonl"], "--temperature", "0"];

        JsonElement first = await SucceedAsync(order);

        Assert.Equal((3, 0), Rows(first)); // one was asked twice
        Assert.True(first.GetProperty("prompt_tokens").GetInt64() > 0 && first.GetProperty("reply_tokens").GetInt64() > 0);
        string[] rows = File.ReadAllLines(_folder["rows.jsonl"]);
        Assert.Contains(rows, row => row.Contains("Paris", StringComparison.Ordinal));
        (int code, string output, _) = await ProgramProcess.RunAsync("dataset", "check", _folder["rows.jsonl"]);
        Assert.Equal((0, 3), (code, JsonElement.Parse(output).GetProperty("rows").GetInt32()));

        File.WriteAllText(_folder["rows.jsonl"], string.Join('\n', rows)[..^5]); // killed in the middle of the last row
        Assert.Equal((3, 2), Rows(await SucceedAsync(order)));
        Assert.Equal(rows.Order(), File.ReadAllLines(_folder["rows.jsonl"]).Order());

        JsonElement again = await SucceedAsync(order);
        Assert.Equal((3, 3, 0), (Rows(again).Rows, Rows(again).Before, again.GetProperty("prompt_tokens").GetInt64()));
    }

    [Fact]
    public async Task A_server_answers_conversations_and_what_it_refuses_is_named()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("starter", _folder["data"], ("Engine:Threads", "1"));
        string[] teacher = ["--url", $"{server.Address}v1", "--model", "assistant", "--out", _folder["rows.jsonl"]];
        File.WriteAllLines(_folder["talks.jsonl"],
        [
            """{"messages":[{"role":"system","content":"Answer briefly."},{"role":"user","content":"Hello!"}]}""",
            $$"""{"prompt":"{{string.Join(' ', Enumerable.Repeat("word", 2000))}}"}""", // more than the model reads
        ]);

        (int code, string output, string errors) = await ProgramProcess.RunAsync(["distill", "--prompts", _folder["talks.jsonl"], .. teacher]);

        Assert.True(code == 1, errors);
        Assert.Equal((1, 0), Rows(JsonElement.Parse(output)));
        Assert.Contains("prompt 2: The teacher assistant at http://127.0.0.1", errors);
        Assert.Contains("answers 400", errors);
        Assert.StartsWith("""{"messages":[{"role":"system","content":"Answer briefly."},{"role":"user","content":"Hello!"},{"role":"assistant",""",
            File.ReadAllText(_folder["rows.jsonl"]));

        (code, _, errors) = await ProgramProcess.RunAsync(
            "distill", "--general", "--url", $"{server.Address}v1", "--model", "gpt-9", "--out", _folder["rows.jsonl"]);
        Assert.Equal(1, code);
        Assert.Contains("answers 404", errors);
        Assert.Contains("/v1/models", errors);
        Assert.Contains("1 rows are in", errors);
    }

    [Fact]
    public async Task Bad_orders_are_refused_before_anything_is_asked()
    {
        File.WriteAllLines(_folder["bad.jsonl"], ["""{"prompt":"Hi"}""", """{"prompt":""}""", "{", """{"messages":[{"role":"assistant","content":"Hi"}]}"""]);
        File.WriteAllText(_folder["empty.txt"], "\n\n");
        File.WriteAllText(_folder["notes.txt"], "Hello\n");

        await FailAsync(2, "--prompts FILE, --general", "distill", "--model", "starter");
        await FailAsync(2, "--max-tokens must be", "distill", "--model", "starter", "--general", "--max-tokens", "0");
        await FailAsync(2, "--temperature must be", "distill", "--model", "starter", "--general", "--temperature", "3");
        await FailAsync(1, "line 2, line 3, line 4", "distill", "--model", "starter", "--prompts", _folder["bad.jsonl"]);
        await FailAsync(1, "has no prompts", "distill", "--model", "starter", "--prompts", _folder["empty.txt"]);
        await FailAsync(1, "There is no teacher", "distill", "--prompts", _folder["notes.txt"]);
        await FailAsync(1, "http://", "distill", "--prompts", _folder["notes.txt"], "--model", "m", "--url", "localhost:1234");
        await FailAsync(1, "is no dataset", "distill", "--prompts", _folder["notes.txt"], "--model", "starter", "--out", _folder["notes.txt"]);
        Assert.Equal("Hello\n", File.ReadAllText(_folder["notes.txt"]));
    }

    private static async Task<JsonElement> SucceedAsync(string[] arguments)
    {
        (int code, string output, string errors) = await ProgramProcess.RunAsync(arguments);
        Assert.True(code == 0, errors);
        return JsonElement.Parse(output);
    }

    private async Task FailAsync(int expected, string named, params string[] arguments)
    {
        (int code, _, string errors) = await ProgramProcess.RunAsync(arguments is [.., "--out", _] ? arguments : [.. arguments, "--out", _folder["new.jsonl"]]);
        Assert.Contains(named, errors);
        Assert.Equal(expected, code);
    }

    private static (int Rows, int Before) Rows(JsonElement report) => (report.GetProperty("rows").GetInt32(), report.GetProperty("rows_before").GetInt32());
}
