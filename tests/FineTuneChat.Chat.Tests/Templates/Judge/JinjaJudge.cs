using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates.Judge;

/// <summary>The reference renderer, run by Node: many templates in one process.</summary>
internal static class JinjaJudge
{
    public sealed record Case(string Template, JsonElement Variables);

    public sealed record Verdict(string? Text, string? Error);

    public static async Task<IReadOnlyList<Verdict>> RenderAsync(IReadOnlyList<Case> cases)
    {
        (int exitCode, string verdicts) = await NodeScript.RunAsync("tests/FineTuneChat.Chat.Tests/Templates/Judge/judge.mjs", cases);
        Assert.Equal(0, exitCode);
        return JsonSerializer.Deserialize<List<Verdict>>(verdicts, JsonSerializerOptions.Web)!;
    }
}
