using System.Diagnostics;

using System.Text.Json;

namespace FineTuneChat.Chat.Tests.Templates.Judge;

/// <summary>The reference renderer, run by Node: many templates in one process.</summary>
internal static class JinjaJudge
{
    public sealed record Case(string Template, JsonElement Variables);

    public sealed record Verdict(string? Text, string? Error);

    public static async Task<IReadOnlyList<Verdict>> RenderAsync(IReadOnlyList<Case> cases)
    {
        string script = Path.Combine(RepositoryRoot(), "tests", "FineTuneChat.Chat.Tests", "Templates", "Judge", "judge.mjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(cases, JsonSerializerOptions.Web));
        node.StandardInput.Close();
        string verdicts = await output;
        await node.WaitForExitAsync();
        Assert.Equal(0, node.ExitCode);
        return JsonSerializer.Deserialize<List<Verdict>>(verdicts, JsonSerializerOptions.Web)!;
    }

    public static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FineTuneChat.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
