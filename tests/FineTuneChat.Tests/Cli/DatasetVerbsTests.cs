using System.Text.Json;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Cli;

/// <summary><c>dataset</c> on the data of a gateway that runs meanwhile.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DatasetVerbsTests
{
    [Fact]
    public async Task Files_are_checked_imported_and_exported_while_the_gateway_runs()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        File.WriteAllText(folder["faq.jsonl"],
            """
            {"prompt":"When do you open?","completion":"At nine."}
            {"prompt":"when do you open","completion":"at nine"}
            {"prompt":"Mail?","completion":"ana@example.org"}
            """);

        var (code, output, errors) = await ProgramProcess.RunAsync("dataset", "check", folder["faq.jsonl"]);
        Assert.Equal((0, 3, 1, 1, 1), Figures(code, output));
        Assert.Contains("email: line 3", errors);

        (code, output, _) = await ProgramProcess.RunAsync("dataset", "import", folder["faq.jsonl"], "--data", folder["data"]);
        Assert.Equal((0, 3, 1, 1, 1), Figures(code, output));
        Assert.Equal(2, (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Count);

        (code, output, _) = await ProgramProcess.RunAsync("dataset", "export", "--data", folder["data"], "--out", folder["out.jsonl"]);
        Assert.Equal((0, 1), (code, JsonElement.Parse(output).GetProperty("examples").GetInt32()));
        Assert.Equal(
            """{"messages":[{"role":"user","content":"When do you open?"},{"role":"assistant","content":"At nine.","weight":1}]}""",
            File.ReadAllLines(folder["out.jsonl"]).Single());
        // never over a file
        Assert.Equal(1, (await ProgramProcess.RunAsync("dataset", "export", "--data", folder["data"], "--out", folder["out.jsonl"])).ExitCode);
    }

    [Fact]
    public async Task A_bad_row_is_named_and_a_folder_without_data_is_one_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.jsonl"], "{\"messages\":[]}\n");
        var (code, _, errors) = await ProgramProcess.RunAsync("dataset", "check", folder["bad.jsonl"]);
        Assert.Equal(1, code);
        Assert.Contains("bad.jsonl: line 1: messages is empty", errors);

        (code, _, errors) = await ProgramProcess.RunAsync("dataset", "export", "--data", folder["none"]);
        Assert.Equal(1, code);
        Assert.Contains("--data", Assert.Single(errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task Conversations_with_functions_are_kept_aside_and_it_is_said_why_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["calls.jsonl"],
            """
            {"messages":[{"role":"user","content":"Turn it off."},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"off","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":""},{"role":"assistant","content":"Done."}]}
            """);
        var (code, output, errors) = await ProgramProcess.RunAsync("dataset", "check", folder["calls.jsonl"]);
        Assert.Equal((0, 1, 0, 2, 0), Figures(code, output)); // the call and the reply
        Assert.Contains("2 kept aside for tools: line 1", errors);
        Assert.Contains("Whether the model's chat template can write them is for you to know", errors);
        Assert.Contains("PATCH /api/dataset/ID", errors);
    }

    [Fact]
    public async Task A_folder_is_checked_and_its_training_file_imported_with_the_columns_that_are_named()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        Directory.CreateDirectory(folder["set"]);
        File.WriteAllText(folder["set/train-00000-of-00001.csv"], "text,label\nGoal!,sports\n");
        File.WriteAllText(folder["set/test.csv"], "text,label\nVote!,politics\n");
        var (code, output, errors) = await ProgramProcess.RunAsync("dataset", "check", folder["set"]);
        Assert.Equal(1, code);
        Assert.Contains("prompt=text,reply=label", errors);
        Assert.Equal(2, output.TrimEnd().Split('\n').Length); // a line of JSON for each file

        (code, output, errors) = await ProgramProcess.RunAsync(
            "dataset", "import", folder["set"], "--map", "prompt=text,reply=label", "--data", folder["data"]);
        Assert.Equal((0, 1, 1, 0, 0), Figures(code, output));
        Assert.Contains("To learn from: train-00000-of-00001.csv.", errors);
        Assert.Contains("for a test: test.csv", errors);
    }

    private static (int, int, int, int, int) Figures(int code, string output)
    {
        JsonElement result = JsonElement.Parse(output.TrimEnd().Split('\n')[^1]);
        int Of(string name) => result.GetProperty(name).GetInt32();
        return (code, Of("rows"), Of("accepted"), Of("excluded"), Of("duplicates"));
    }
}
