using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Grammars;

/// <summary>The validator that most of the world uses, ajv, run by Node: many texts in one process.</summary>
internal static class SchemaJudge
{
    public sealed record Case(string Schema, string Text);

    /// <summary>What is wrong with each text; null = it is valid.</summary>
    public static async Task<IReadOnlyList<string?>> JudgeAsync(IReadOnlyList<Case> cases)
    {
        string script = Path.Combine(Repository.Root, "tests", "FineTuneChat.Inference.Tests", "Grammars", "judge.mjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(cases, JsonSerializerOptions.Web));
        node.StandardInput.Close();
        string verdicts = await output;
        await node.WaitForExitAsync();
        Assert.Equal(0, node.ExitCode);
        return JsonSerializer.Deserialize<List<string?>>(verdicts)!;
    }
}
