using System.Net.Http.Headers;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary>The server that runs where the settings say, asked for its models. Where it needs a key: the environment variable FINETUNECHAT_KEY.</summary>
internal sealed class RunningServer : IDisposable
{
    private const string KeyVariable = "FINETUNECHAT_KEY";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private RunningServer(HttpClient client, IReadOnlyList<ModelView> models)
    {
        Client = client;
        Models = models;
    }

    public HttpClient Client { get; }
    public Uri Address => Client.BaseAddress!;
    public IReadOnlyList<ModelView> Models { get; }

    /// <summary>Null when none answers there, or another program does.</summary>
    /// <exception cref="UserException">It wants a key.</exception>
    public static async Task<RunningServer?> FindAsync(string urls, CancellationToken cancellation)
    {
        string url = ListenAddresses.OnThisMachine(urls.Split(';')[0]);
        var client = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(Patience);
            using HttpResponseMessage response = await client.GetAsync("/api/models", timeout.Token);
            if ((int)response.StatusCode is 401 or 403)
                throw new UserException($"The server at {url} needs a key with the scope chat: set {KeyVariable}.");
            byte[] body = response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(timeout.Token) : "null"u8.ToArray();
            if (JsonSerializer.Deserialize(body, ModelsJson.Wire.ListPageModelView) is { } list)
                return new RunningServer(client, list.Data);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // nobody there, or another program
        }
        client.Dispose();
        return null;
    }

    public void Dispose() => Client.Dispose();
}
