using System.Diagnostics;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Gateway;

/// <summary>npm's <c>openai</c> as the judge; what it checks is in <c>Judge/judge.mjs</c>.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class NodeClientTests
{
    [Fact]
    public async Task OpenAIs_client_for_Node_finds_everything_as_it_expects()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["random.gguf"], TestGateway.LongContext);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        string script = Path.Combine(Repository.Root, "tests", "FineTuneChat.Tests", "Gateway", "Judge", "judge.mjs");

        using Process node = Process.Start(
            new ProcessStartInfo("node", [script, gateway.Client.BaseAddress!.GetLeftPart(UriPartial.Authority)]) { RedirectStandardOutput = true })!;
        string verdicts = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();

        Assert.True(!verdicts.Contains("FAILED", StringComparison.Ordinal), verdicts);
        Assert.Equal((0, 17), (node.ExitCode, verdicts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }
}
