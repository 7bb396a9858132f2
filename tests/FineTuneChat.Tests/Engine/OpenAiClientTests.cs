using System.ClientModel;
using System.Net;
using System.Net.Sockets;
using FineTuneChat.TestSupport;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace FineTuneChat.Tests.Engine;

/// <summary>OpenAI's own .NET client as the judge of the wire format, over a URL.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class OpenAiClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ProgramProcess _engine = null!;
    private string _url = "";
    private ChatClient _client = null!;

    public async Task InitializeAsync()
    {
        _url = $"http://127.0.0.1:{FreePort()}";
        _engine = ProgramProcess.Start("engine", "--model", RandomModel.Write(_folder["tiny.gguf"]), "--urls", _url, "--threads", "1");
        await _engine.LineAsync("serving tiny");
        _client = new ChatClient("tiny", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(_url + "/v1") });
    }

    [Fact]
    public async Task Replies_streams_and_errors_are_read()
    {
        ChatMessage[] messages = [new SystemChatMessage("short"), new UserChatMessage("hello")];
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 30, Temperature = 0 };

        ChatCompletion plain = await _client.CompleteChatAsync(messages, options);
        string text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync(messages, options))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
            reason = update.FinishReason ?? reason;
        }

        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => _client.CompleteChatAsync(
            [new UserChatMessage(new string('a', 2000))]));

        Assert.Equal(ChatMessageRole.Assistant, plain.Role);
        Assert.Equal(string.Concat(plain.Content.Select(part => part.Text)), text);
        Assert.Equal(plain.Usage.OutputTokenCount, usage!.OutputTokenCount);
        Assert.Equal(plain.Usage.InputTokenCount - 1, usage.InputTokenDetails.CachedTokenCount); // all but the last token
        Assert.Equal(plain.FinishReason, reason);
        Assert.Equal(400, error.Status);
        Assert.Contains("tokens long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probabilities_are_read_streamed_and_not()
    {
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 8, Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };
        ChatCompletion plain = await _client.CompleteChatAsync([new UserChatMessage("hello")], options);
        var streamed = new List<string>();
        await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync([new UserChatMessage("hello")], options))
            streamed.AddRange(update.ContentTokenLogProbabilities.Select(t => t.Token));

        Assert.NotEmpty(plain.ContentTokenLogProbabilities);
        Assert.All(plain.ContentTokenLogProbabilities, t =>
            Assert.Equal((3, t.LogProbability), (t.TopLogProbabilities.Count, t.TopLogProbabilities[0].LogProbability)));
        Assert.Equal(plain.ContentTokenLogProbabilities.Select(t => t.Token), streamed);
    }

    [Fact]
    public async Task Embeddings_and_models_are_read()
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(_url + "/v1") };
        var embeddings = new EmbeddingClient("tiny", new ApiKeyCredential("none"), options);
        var models = new OpenAIModelClient(new ApiKeyCredential("none"), options);

        OpenAIEmbeddingCollection vectors = await embeddings.GenerateEmbeddingsAsync(["a text", "another"], new() { Dimensions = 16 });

        Assert.Equal([16, 16], vectors.Select(v => v.ToFloats().Length));
        Assert.Equal(13, vectors.Usage.InputTokenCount);
        Assert.Equal("tiny", (await models.GetModelAsync("tiny")).Value.Id);
    }

    [Fact]
    public async Task A_host_name_that_is_not_this_machines_is_refused()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, _url + "/v1/models") { Headers = { Host = "evil.example" } };

        Assert.Equal(HttpStatusCode.BadRequest, (await http.SendAsync(request)).StatusCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}
