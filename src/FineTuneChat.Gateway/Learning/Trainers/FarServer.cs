using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Upstream;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>A server elsewhere with OpenAI's <c>files</c> and <c>fine_tuning/jobs</c>: one request at a time, and what went wrong with it.</summary>
internal sealed class FarServer : IDisposable
{
    private const int MostOfAnswer = 16 << 20; // bytes of JSON
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5), AnswerTimeout = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly UpstreamError _errors;
    private readonly TimeSpan _transferTimeout;

    public FarServer(TrainerSettings settings)
    {
        (_errors, _transferTimeout) = (new UpstreamError(settings.Key), TimeSpan.FromMinutes(settings.PatienceMinutes));
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            AllowAutoRedirect = false, // the key is for this server alone
            UseCookies = false,
        })
        {
            BaseAddress = settings.Address(),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostOfAnswer,
        };
        if (settings.Key.Length > 0)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key);
    }

    public void Dispose() => _http.Dispose();

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => AskAsync(HttpMethod.Get, path, content: null, cancellation);

    public Task<JsonElement> PostAsync(string path, JsonObject body, CancellationToken cancellation) => AskAsync(
        HttpMethod.Post, path, new StringContent(body.ToJsonString(), MediaTypeHeaderValue.Parse("application/json")), cancellation);

    public Task DeleteAsync(string path, CancellationToken cancellation) => AskAsync(HttpMethod.Delete, path, content: null, cancellation);

    /// <summary>Uploads a file of rows; its id there.</summary>
    public async Task<string> UploadAsync(string file, string name, CancellationToken cancellation)
    {
        await using FileStream rows = File.OpenRead(file);
        var form = new MultipartFormDataContent { { new StringContent("fine-tune"), "purpose" }, { new StreamContent(rows), "file", name } };
        return Text(await AskAsync(HttpMethod.Post, "v1/files", form, cancellation, _transferTimeout), "id") ?? throw FarException.Nonsense();
    }

    /// <summary>What is in a file there, to the disk.</summary>
    public Task DownloadAsync(string id, string target, CancellationToken cancellation) => InTimeAsync(_transferTimeout, cancellation, async token =>
    {
        string path = $"v1/files/{Uri.EscapeDataString(id)}/content";
        using HttpResponseMessage answer = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, token);
        await RequireAsync(answer, token);
        await using FileStream file = File.Create(target);
        await answer.Content.CopyToAsync(file, token);
        return true;
    });

    public static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private Task<JsonElement> AskAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, TimeSpan? timeout = null) =>
        InTimeAsync(timeout ?? AnswerTimeout, cancellation, async token =>
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using HttpResponseMessage answer = await _http.SendAsync(request, token);
            await RequireAsync(answer, token);
            var json = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(token));
            return json.ValueKind == JsonValueKind.Object ? json : throw FarException.Nonsense();
        });

    private async Task RequireAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode)
            return;
        string said = _errors.Message(await answer.Content.ReadAsByteArrayAsync(cancellation));
        throw answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new FarException(
                $"refuses the key that this server has for it (HTTP {(int)answer.StatusCode}); correct {TrainerSettings.Section}:Key. {said}",
                isPassing: false),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
                new FarException($"answers HTTP {(int)answer.StatusCode}. {said}", isPassing: true),
            _ => new FarException($"refuses (HTTP {(int)answer.StatusCode}): {said}", isPassing: false),
        };
    }

    private static async Task<T> InTimeAsync<T>(TimeSpan timeout, CancellationToken cancellation, Func<CancellationToken, Task<T>> ask)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FarException($"was silent for {timeout.TotalSeconds:0} s.", isPassing: true);
        }
        catch (HttpRequestException e)
        {
            throw new FarException($"cannot be reached: {e.GetBaseException().Message}", isPassing: true);
        }
        catch (JsonException)
        {
            throw FarException.Nonsense();
        }
    }
}

/// <summary>The server elsewhere has not done what was asked.</summary>
/// <param name="message">Goes on after its name.</param>
/// <param name="isPassing">Whether it may do so later.</param>
internal sealed class FarException(string message, bool isPassing) : Exception(message)
{
    public bool IsPassing => isPassing;

    public static FarException Nonsense() => new(
        $"answers with what no server does that speaks OpenAI's fine-tuning API. {TrainerSettings.Section}:Url must name one.", isPassing: false);
}
