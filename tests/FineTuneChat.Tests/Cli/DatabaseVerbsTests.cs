using System.Text.Json;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Cli;

[Trait(Tier.Name, Tier.Slow)]
public sealed class DatabaseVerbsTests
{
    [Fact]
    public async Task A_backup_is_made_while_the_gateway_writes_and_a_gateway_starts_from_it()
    {
        using TemporaryFolder folder = new(), other = new();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        await gateway.LogAsync("Hi", "Hello!", "chat-1");
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await gateway.LogAsync($"Question {i}", "Answer", $"more-{i}");
        });
        Directory.CreateDirectory(other["data"]);
        var (code, output, errors) = await ProgramProcess.RunAsync("database", "backup", other["data/finetunechat.db"], "--data", folder["data"]);
        await stop.CancelAsync();
        await writing;
        Assert.True(code == 0, errors);
        Assert.True(JsonElement.Parse(output).GetProperty("bytes").GetInt64() > 0);

        (code, output, _) = await ProgramProcess.RunAsync("database", "check", "--data", other["data"]);
        Assert.Equal((0, 0), (code, JsonElement.Parse(output).GetProperty("problems").GetInt32()));
        await using TestGateway restored = await TestGateway.StartWithoutEngineAsync(other);
        Assert.Equal("Hello!", (string?)(await restored.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["content"]);
        // never over a file
        Assert.Equal(1, (await ProgramProcess.RunAsync("database", "backup", other["data/finetunechat.db"], "--data", folder["data"])).ExitCode);
    }

    [Fact]
    public async Task A_damaged_file_is_told_in_words()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder))
            for (int i = 0; i < 50; i++)
                await gateway.LogAsync($"Question {i}", new string('x', 500));
        byte[] bytes = File.ReadAllBytes(folder["data/finetunechat.db"]);
        bytes.AsSpan(bytes.Length / 2, 8192).Fill(0x5A);
        File.WriteAllBytes(folder["data/finetunechat.db"], bytes);
        var (code, _, errors) = await ProgramProcess.RunAsync("database", "check", "--data", folder["data"]);
        Assert.Equal(1, code);
        Assert.DoesNotContain("   at ", errors); // no stack
        Assert.NotEmpty(errors);
    }
}
