using System.Diagnostics;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Tools.Conformance;

/// <summary>The official conformance tests of MCP, as far as they are about what is here: tools, without sampling, resources and prompts.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ConformanceTests(ToolServerGateway fixture) : IClassFixture<ToolServerGateway>
{
    private static readonly string Judge = Path.Combine(Repository.Root, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");

    private string Address => fixture.Gateway.Client.BaseAddress!.GetLeftPart(UriPartial.Authority).Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Theory]
    [InlineData("server-initialize")]
    [InlineData("ping")]
    [InlineData("tools-list")]
    [InlineData("dns-rebinding-protection")]
    public Task The_gateway_conforms_as_a_server(string scenario) => JudgeAsync("server", "--url", $"{Address}/mcp", "--scenario", scenario);

    private static async Task JudgeAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder(); // it writes its results where it runs
        var start = new ProcessStartInfo("node", [Judge, .. arguments])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string verdict = await node.StandardOutput.ReadToEndAsync() + await errors;
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, verdict);
        Assert.DoesNotContain("FAILURE", verdict, StringComparison.Ordinal);
    }
}
