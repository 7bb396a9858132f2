using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>axe-core: the rules of accessible pages that a program can check.</summary>
internal static class Axe
{
    private static readonly string Script = File.ReadAllText(Path.Combine(Repository.Root, "node_modules/axe-core/axe.min.js"));

    private const string Violations =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')}`)
        """;

    public static async Task CheckAsync(ChatPage page)
    {
        await page.Tab.EvaluateAsync(Script);
        JsonElement? violations = await page.Tab.EvaluateAsync(Violations);
        string[] found = [.. violations!.Value.EnumerateArray().Select(v => v.GetString()!)];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
