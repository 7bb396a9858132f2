using System.ClientModel;
using System.Diagnostics;
using System.Text;
using Anthropic;
using Anthropic.Models.Messages;
using FineTuneChat.TestSupport;
using OllamaSharp;
using OllamaSharp.Models;
using OllamaSharp.Models.Chat;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // marked as experimental by OpenAI

namespace FineTuneChat.Tests.Dialects;

/// <summary>The official clients as judges of their dialects: npm's in <c>Judge/dialects.mjs</c>, NuGet's here.</summary>
[Collection(DialectTests.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class OfficialClientTests(DialectGateway gateway)
{
    private Uri Address => gateway.Client.BaseAddress!;

    [Fact]
    public async Task Clients_for_Node_find_everything_as_they_expect()
    {
        string script = Path.Combine(Repository.Root, "tests", "FineTuneChat.Tests", "Dialects", "Judge", "dialects.mjs");

        using Process node = Process.Start(
            new ProcessStartInfo("node", [script, Address.GetLeftPart(UriPartial.Authority)]) { RedirectStandardOutput = true })!;
        string verdicts = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();

        Assert.True(!verdicts.Contains("FAILED", StringComparison.Ordinal), verdicts);
        Assert.Equal((0, 10), (node.ExitCode, verdicts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [Fact]
    public async Task Anthropics_client_for_NET_gets_a_message_whole_and_streamed()
    {
        using var client = new AnthropicClient { BaseUrl = Address.GetLeftPart(UriPartial.Authority), ApiKey = "none", MaxRetries = 0 };
        var request = new MessageCreateParams
        {
            Model = "assistant",
            MaxTokens = 8,
            Messages = [new UserMessageParam { Content = "hello" }],
        };

        Anthropic.Models.Messages.Message whole = await client.Messages.Create(request);
        whole.Validate();
        var text = new StringBuilder();
        await foreach (RawMessageStreamEvent update in client.Messages.CreateStreaming(request))
        {
            if (update.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta) && delta.Delta.TryPickText(out TextDelta? piece))
                text.Append(piece.Text);
        }

        Assert.True(whole.Content[0].TryPickText(out TextBlock? block));
        Assert.NotEqual(0, block.Text.Length);
        Assert.Equal(8, whole.Usage.OutputTokens);
        Assert.NotEqual(0, text.Length);
        await gateway.RateAsync(whole.ID);
    }

    [Fact]
    public async Task OllamaSharp_chats_and_lists_models()
    {
        using var client = new OllamaApiClient(Address, "assistant");
        var request = new ChatRequest
        {
            Messages = [new(OllamaSharp.Models.Chat.ChatRole.User, "hello")],
            Options = new RequestOptions { NumPredict = 8, Temperature = 0 },
        };

        var text = new StringBuilder();
        ChatDoneResponseStream? last = null;
        await foreach (ChatResponseStream? part in client.ChatAsync(request))
        {
            text.Append(part!.Message.Content);
            last = part as ChatDoneResponseStream;
        }

        Assert.NotEqual(0, text.Length);
        Assert.Equal(("length", 8), (last!.DoneReason, last.EvalCount));
        Assert.Contains("assistant:latest", (await client.ListLocalModelsAsync()).Select(m => m.Name));
        Assert.Contains("tools", (await client.ShowModelAsync(new ShowModelRequest { Model = "assistant" })).Capabilities!);
        Assert.Equal(64, (await client.EmbedAsync(new EmbedRequest { Model = "assistant", Input = ["a"] })).Embeddings[0].Length);
    }

    [Fact]
    public async Task OpenAIs_client_for_NET_gets_a_response_whole_streamed_and_stored()
    {
        var client = new ResponsesClient(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = new Uri(Address, "v1") });
        CreateResponseOptions Options() => new()
        {
            Model = "assistant",
            MaxOutputTokenCount = 8,
            Temperature = 0,
            InputItems = { ResponseItem.CreateUserMessageItem("hello") },
        };

        ResponseResult whole = await client.CreateResponseAsync(Options());
        var text = new StringBuilder();
        CreateResponseOptions streamed = Options();
        streamed.StreamingEnabled = true;
        await foreach (StreamingResponseUpdate update in await client.CreateResponseStreamingAsync(streamed))
        {
            if (update is StreamingResponseOutputTextDeltaUpdate delta)
                text.Append(delta.Delta);
        }

        Assert.Equal(whole.GetOutputText(), text.ToString());
        Assert.Equal((ResponseStatus.Incomplete, 8), (whole.Status, whole.Usage.OutputTokenCount));
        Assert.Equal(whole.GetOutputText(), (await client.GetResponseAsync(whole.Id)).Value.GetOutputText());
    }
}
