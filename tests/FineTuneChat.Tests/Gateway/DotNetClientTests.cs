using System.ClientModel;
using System.Text;
using System.Text.Json;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace FineTuneChat.Tests.Gateway;

/// <summary>NuGet's <c>OpenAI</c> as the judge of the running gateway.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DotNetClientTests : IAsyncLifetime
{
    private static readonly BinaryData Cities = BinaryData.FromString(
        """{"type":"object","properties":{"city":{"enum":["Ulm","Bonn"]},"note":{"type":"string","minLength":30,"maxLength":40}}"""
        + ""","required":["city","note"],"additionalProperties":false}""");

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("weather", "Tells it.", Cities, functionSchemaIsStrict: true);

    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;
    private OpenAIClient _openAi = null!;
    private ChatClient _chat = null!;

    public async Task InitializeAsync()
    {
        RandomModel.Write(_folder["random.gguf"], TestGateway.LongContext);
        _gateway = await TestGateway.StartReadyAsync(_folder);
        _openAi = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(_gateway.Client.BaseAddress!, "v1") });
        _chat = _openAi.GetChatClient("assistant");
    }

    [Fact]
    public async Task Replies_streams_and_probabilities()
    {
        ChatMessage[] messages = [new SystemChatMessage("short"), new UserChatMessage("hello")];
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 20, Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };

        ChatCompletion plain = await _chat.CompleteChatAsync(messages, options);
        var text = new StringBuilder();
        var tokens = new List<string>();
        ChatTokenUsage? usage = null;
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in _chat.CompleteChatStreamingAsync(messages, options))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            tokens.AddRange(update.ContentTokenLogProbabilities.Select(t => t.Token));
            usage = update.Usage ?? usage;
            reason = update.FinishReason ?? reason;
        }

        Assert.Equal((ChatMessageRole.Assistant, "assistant@0"), (plain.Role, plain.Model));
        Assert.Equal((plain.Content[0].Text, plain.FinishReason, plain.Usage.OutputTokenCount), (text.ToString(), reason, usage!.OutputTokenCount));
        Assert.Equal(plain.ContentTokenLogProbabilities.Select(t => t.Token), tokens);
        Assert.All(
            plain.ContentTokenLogProbabilities,
            t => Assert.Equal((3, t.LogProbability), (t.TopLogProbabilities.Count, t.TopLogProbabilities[0].LogProbability)));
    }

    [Fact]
    public async Task Tools_named_and_required_whole_and_streamed_with_their_results()
    {
        var named = new ChatCompletionOptions
        {
            Temperature = 0,
            ToolChoice = ChatToolChoice.CreateFunctionChoice("weather"),
            AllowParallelToolCalls = false,
            Tools = { Weather },
        };
        var required = new ChatCompletionOptions
        {
            Temperature = 0,
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
            AllowParallelToolCalls = false,
            Tools = { Weather },
        };

        ChatCompletion called = await _chat.CompleteChatAsync([new UserChatMessage("hello")], named);
        StreamingChatToolCallUpdate[] updates =
            [.. (await ListAsync(_chat.CompleteChatStreamingAsync([new UserChatMessage("hello")], named))).SelectMany(u => u.ToolCallUpdates)];
        ChatCompletion again = await _chat.CompleteChatAsync(
            [new UserChatMessage("hello"), new AssistantChatMessage(called), new ToolChatMessage(called.ToolCalls[0].Id, "sunny")], required);

        Assert.Equal((ChatFinishReason.ToolCalls, "weather"), (called.FinishReason, Assert.Single(called.ToolCalls).FunctionName));
        CheckCities(called.ToolCalls[0].FunctionArguments.ToString());
        Assert.Equal(("weather", 0), (updates[0].FunctionName, updates[0].Index));
        Assert.True(updates.Length > 10, "the arguments do not come as they are written");
        Assert.Equal(called.ToolCalls[0].FunctionArguments.ToString(), string.Concat(updates.Select(u => u.FunctionArgumentsUpdate?.ToString())));
        CheckCities(Assert.Single(again.ToolCalls).FunctionArguments.ToString());
    }

    [Fact]
    public async Task Answers_that_follow_a_schema()
    {
        var options = new ChatCompletionOptions
        {
            Temperature = 1.5f,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("cities", Cities, jsonSchemaIsStrict: true),
        };

        ChatCompletion reply = await _chat.CompleteChatAsync([new UserChatMessage("hello")], options);

        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
        CheckCities(reply.Content[0].Text);
    }

    [Fact]
    public async Task Embeddings_and_models()
    {
        EmbeddingClient embeddings = _openAi.GetEmbeddingClient("assistant");

        OpenAIEmbeddingCollection texts = await embeddings.GenerateEmbeddingsAsync(["a text", "another"]); // asks for base64 by itself
        OpenAIEmbeddingCollection tokens = await embeddings.GenerateEmbeddingsAsync(
            [new ReadOnlyMemory<int>([97, 32, 116, 101, 120, 116])], new EmbeddingGenerationOptions { Dimensions = 16 });
        OpenAIModelCollection models = await _openAi.GetOpenAIModelClient().GetModelsAsync();

        Assert.Equal([64, 64], texts.Select(v => v.ToFloats().Length));
        Assert.Equal(1, texts[0].ToFloats().ToArray().Sum(x => x * x), 1e-4);
        Assert.Equal((16, 6), (tokens[0].ToFloats().Length, tokens.Usage.InputTokenCount));
        Assert.Contains(models, model => model.Id == "assistant");
        Assert.Equal("assistant@0", (await _openAi.GetOpenAIModelClient().GetModelAsync("assistant@0")).Value.Id);
    }

    [Fact]
    public async Task Errors_have_status_code_and_parameter()
    {
        await RefusedAsync(
            () => _chat.CompleteChatAsync([new UserChatMessage("a")], new ChatCompletionOptions { Temperature = 9 }), 400,
            "decimal_above_max_value", "temperature");
        await RefusedAsync(() => _chat.CompleteChatAsync([new UserChatMessage(new string('x', 20_000))]), 400, "context_length_exceeded", "messages");
        await RefusedAsync(() => _openAi.GetChatClient("nobody").CompleteChatAsync([new UserChatMessage("a")]), 404, "model_not_found", "model");
        await RefusedAsync(
            () => _openAi.GetEmbeddingClient("assistant").GenerateEmbeddingAsync("a", new EmbeddingGenerationOptions { Dimensions = 1_000_000 }),
            400, "integer_above_max_value", "dimensions");
        var unknownTool = new ChatCompletionOptions { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateFunctionChoice("nobody") };
        await RefusedAsync(
            async () => await ListAsync(_chat.CompleteChatStreamingAsync([new UserChatMessage("a")], unknownTool)), 400, "invalid_value", "tool_choice");
    }

    [Fact]
    public async Task A_caller_that_stops_reading_gives_its_place_back()
    {
        for (int i = 0; i < 6; i++) // more than are written at a time: a place that is not given back would stop the last
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                var endless = new ChatCompletionOptions { MaxOutputTokenCount = TestGateway.Endless };
                await foreach (StreamingChatCompletionUpdate update in _chat.CompleteChatStreamingAsync([new UserChatMessage("go on")], endless, stop.Token))
                    await stop.CancelAsync();
                throw new OperationCanceledException(); // it had ended by itself
            });
        }

        Assert.NotNull((await _chat.CompleteChatAsync([new UserChatMessage("hello")], new ChatCompletionOptions { MaxOutputTokenCount = 2 })).Value);
    }

    private static void CheckCities(string json)
    {
        JsonElement value = JsonElement.Parse(json);
        Assert.Contains(value.GetProperty("city").GetString(), new[] { "Ulm", "Bonn" });
        Assert.InRange(value.GetProperty("note").GetString()!.EnumerateRunes().Count(), 30, 40);
    }

    private static async Task RefusedAsync(Func<Task> call, int status, string code, string parameter)
    {
        ClientResultException refusal = await Assert.ThrowsAsync<ClientResultException>(call);
        JsonElement error = JsonElement.Parse(refusal.GetRawResponse()!.Content.ToString()).GetProperty("error");
        Assert.Equal((status, code, parameter), (refusal.Status, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Contains(error.GetProperty("message").GetString()!, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<List<StreamingChatCompletionUpdate>> ListAsync(AsyncCollectionResult<StreamingChatCompletionUpdate> updates)
    {
        var all = new List<StreamingChatCompletionUpdate>();
        await foreach (StreamingChatCompletionUpdate update in updates)
            all.Add(update);
        return all;
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }
}
