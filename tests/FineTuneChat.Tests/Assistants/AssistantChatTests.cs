using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Assistants;

/// <summary>Assistants over real engines: asked by id in several dialects, each under its own prompt, deleted while it is loaded.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class AssistantChatTests
{
    [Fact]
    public async Task An_assistant_is_a_model_in_every_dialect_until_it_is_deleted()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        const string Prompt = "You sell bread, rolls and cakes, and nothing else at all.";
        Assert.Equal(200, (await gateway.PostAsync("/api/assistants", new { id = "shop", system = Prompt, request = new { max_tokens = 3 } })).Status);

        // 1. Its prompt is read, its limit holds; the log has what the client said.
        (int status, JsonNode plain) = await gateway.PostAsync("/v1/chat/completions", Request("assistant", "Hello", maxTokens: 3));
        Assert.Equal(200, status);
        (status, JsonNode reply) = await gateway.PostAsync("/v1/chat/completions", Request("shop", "Hello", maxTokens: null));
        Assert.Equal((200, "shop@0"), (status, (string?)reply["model"]));
        Assert.True((int)reply["usage"]!["prompt_tokens"]! > (int)plain["usage"]!["prompt_tokens"]! + 5);
        Assert.True((int)reply["usage"]!["completion_tokens"]! <= 3);
        JsonNode stored = await gateway.GetJsonAsync($"/v1/chat/completions/{(string?)reply["id"]}/messages");
        Assert.Equal(["user"], stored["data"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Single((await gateway.GetJsonAsync("/api/conversations?assistant=shop"))["data"]!.AsArray());

        // 2. The same in others' words.
        var messages = new[] { new { role = "user", content = "Hello" } };
        (status, JsonNode ollama) = await gateway.PostAsync("/api/chat", new { model = "shop:latest", messages, stream = false });
        Assert.Equal((200, "shop:latest"), (status, (string?)ollama["model"]));
        Assert.True((int)ollama["eval_count"]! <= 3);
        (status, JsonNode anthropic) = await gateway.PostAsync("/v1/messages", new { model = "shop@0", messages, max_tokens = 2 });
        Assert.Equal((200, "shop@0"), (status, (string?)anthropic["model"]));
        (status, JsonNode counted) = await gateway.PostAsync("/v1/messages/count_tokens", new { model = "shop", messages });
        Assert.Equal((200, (int?)reply["usage"]!["prompt_tokens"]), (status, (int?)counted["input_tokens"]));
        Assert.Contains((await gateway.GetJsonAsync("/api/ps"))["models"]!.AsArray(), m => (string?)m!["name"] == "shop:latest");

        // 3. A conversation is with one of them.
        gateway.Client.DefaultRequestHeaders.Add("X-Conversation-Id", "with-shop");
        Assert.Equal(200, (await gateway.ChatAsync("Bread?", "shop")).Status);
        (status, JsonNode refused) = await gateway.ChatAsync("Bread?", "assistant");
        Assert.Equal(409, status);
        TestGateway.AssertOpenAiError(refused, "conversation_of_another_assistant");
        gateway.Client.DefaultRequestHeaders.Remove("X-Conversation-Id");

        // 4. Gone; the process is the one of all that are the base itself.
        var router = gateway.Get<EngineRouter>();
        Assert.Equal(1, router.ProcessCount);
        (status, JsonNode erased) = await gateway.SendAsync(HttpMethod.Delete, "/api/assistants/shop");
        Assert.Equal((200, 4), (status, (int)erased["conversations"]!));
        Assert.Equal(1, router.ProcessCount);
        TestGateway.AssertOpenAiError((await gateway.ChatAsync("Hello", "shop")).Body, "model_not_found");
        Assert.Equal(200, (await gateway.ChatAsync("Hello")).Status);
    }

    private static object Request(string model, string text, int? maxTokens) =>
        new { model, messages = new[] { new { role = "user", content = text } }, max_tokens = maxTokens, temperature = 0, ignore_eos = true };
}
