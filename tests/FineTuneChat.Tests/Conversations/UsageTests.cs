using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Conversations;

public sealed class UsageTests
{
    [Fact]
    public async Task Replies_are_added_up_by_the_model_that_wrote_them()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await LogAsync(gateway, "chat-1", "assistant@0", 0, 10, 2);
        await LogAsync(gateway, "chat-1", "assistant@0", 0, 30, 3);
        await LogAsync(gateway, "chat-1", "other", null, 7, 1);
        await LogAsync(gateway, "chat-2", "assistant@1", 1, 100, 50);
        await gateway.PostAsync("/api/conversations/import", new
        {
            data = new[] { new { id = "old", messages = new[] { new { role = "user", content = "Hi" }, new { role = "assistant", content = "Ho" } } } },
        });

        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1/usage");
        Assert.Equal((3, 47, 6, 1.5), Figures(chat));
        Assert.Equal(["assistant@0", "other"], chat["models"]!.AsArray().Select(m => (string?)m!["model"]));
        Assert.Equal((2, 40, 5, 1), Figures(chat["models"]![0]!));
        Assert.Equal((4, 147, 56, 2), Figures(await gateway.GetJsonAsync("/api/assistants/assistant/usage")));
        Assert.Equal((0, 0, 0, 0), Figures(await gateway.GetJsonAsync("/api/conversations/old/usage"))); // written elsewhere
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/conversations/none/usage")).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/assistants/none/usage")).Status);
    }

    private static (long, long, long, double) Figures(JsonNode usage) =>
        ((long)usage["replies"]!, (long)usage["prompt_tokens"]!, (long)usage["completion_tokens"]!, (double)usage["seconds"]!);

    private static Task LogAsync(TestGateway gateway, string conversation, string model, int? version, int read, int written)
    {
        Exchange exchange = Exchanges.Of($"chatcmpl-{Guid.NewGuid():N}", [("user", $"{model} {read}")], "Yes.", conversation);
        return gateway.Get<ExchangeLog>().WriteAsync(exchange with
        {
            Model = model,
            Version = version,
            Reply = exchange.Reply with { Usage = new Usage { PromptTokens = read, CompletionTokens = written, TotalTokens = read + written } },
            Duration = TimeSpan.FromSeconds(0.5),
        });
    }
}
