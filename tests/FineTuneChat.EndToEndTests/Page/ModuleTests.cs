using System.Diagnostics;
using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The page's modules without a browser: types, and the tests of the pure ones.</summary>
public sealed class ModuleTests
{
    [Fact]
    public Task The_types_of_the_modules_fit() => NodeAsync("node_modules/typescript/bin/tsc", "-p", "jsconfig.json");

    [Fact]
    public Task The_pure_modules_do_what_their_tests_say() => NodeAsync("--test", "tests/FineTuneChat.EndToEndTests/Page/unit/");

    private static async Task NodeAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
    }
}
