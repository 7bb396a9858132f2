using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>A real engine process with a tiny random model on a Unix socket, for the tests of a class.</summary>
public sealed class TestEngine : IAsyncLifetime
{
    public const int Context = 512;

    public TemporaryFolder Folder { get; } = new();

    public ProgramProcess Process { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Socket => Folder["engine.sock"];

    public string Model => Folder["tiny.gguf"];

    public async Task InitializeAsync()
    {
        RandomModel.Write(Model, new RandomModelShape(Context: Context));
        Process = ProgramProcess.Start("engine", "--model", Model, "--socket", Socket, "--alias", "assistant@3", "--threads", "1", "--supervised");
        await Process.LineAsync("serving assistant@3");
        Http = Client(Socket);
    }

    public static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://engine"),
    };

    public Task<HttpResponseMessage> PostAsync(string json, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead,
        CancellationToken cancellation = default) =>
        Http.SendAsync(new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(json, Encoding.UTF8, "application/json") }, completion,
            cancellation);

    /// <summary>A greedy request with some parameters more.</summary>
    public static string Ask(string text, string more = "") =>
        $$"""{"model":"assistant","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}],"temperature":"""
            + $$"""0{{(more.Length > 0 ? "," + more : "")}}}""";

    public async Task<JsonElement> AnswerAsync(string json)
    {
        using HttpResponseMessage response = await PostAsync(json);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static string TextOf(JsonElement reply) => reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using HttpResponseMessage response = await Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public async Task<JsonNode> AnswerAsync(string path, string json)
    {
        (int status, JsonNode body) = await PostAsync(path, json);
        Assert.True(status == 200, body.ToJsonString());
        return body;
    }

    /// <summary>Ten tokens of a greedy text completion.</summary>
    public Task<JsonNode> CompleteAsync(string prompt, string more = "") =>
        AnswerAsync("/v1/completions", $$"""{"prompt":{{prompt}},"temperature":0,"ignore_eos":true,"max_tokens":10{{(more.Length > 0 ? "," + more : "")}}}""");

    public static string[] Texts(JsonNode completion) => [.. completion["choices"]!.AsArray().Select(c => (string)c!["text"]!)];

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
        Folder.Dispose();
    }
}
