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
        (int exitCode, string verdicts) = await NodeScript.RunAsync("tests/FineTuneChat.Inference.Tests/Grammars/judge.mjs", cases);
        Assert.Equal(0, exitCode);
        return JsonSerializer.Deserialize<List<string?>>(verdicts)!;
    }
}
