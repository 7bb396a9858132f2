using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>One server elsewhere: the way to it, whether it answers, what it has loaded and how busy it is.</summary>
internal sealed class Replica
{
    private const int MostOfError = 64 << 10, MostOfList = 4 << 20; // bytes
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5), ListTimeout = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _worthALook = new(0, 1);
    private int _busy;

    /// <param name="address">Up to its <c>/v1</c>.</param>
    /// <param name="settings">Its key, and how long it may be silent.</param>
    public Replica(Uri address, UpstreamSettings settings)
    {
        (Address, Timeout, Errors) = (address, TimeSpan.FromSeconds(settings.TimeoutSeconds), new UpstreamError(settings.Key));
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            AllowAutoRedirect = false, // the key is for this server alone
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // its name may come to mean another machine
        })
        {
            BaseAddress = address,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        if (settings.Key.Length > 0)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key);
    }

    /// <summary>For the log; clients are not told.</summary>
    public Uri Address { get; }

    /// <summary>How long it may be silent.</summary>
    public TimeSpan Timeout { get; }

    public UpstreamError Errors { get; }

    /// <summary>Requests that it is answering.</summary>
    public int Busy => Volatile.Read(ref _busy);

    public bool IsUp { get; private set; }

    /// <summary>Why it is not up.</summary>
    public string? Problem { get; private set; }

    /// <summary>What it lists. Empty: it has no list, and what is asked of it is up to it.</summary>
    public IReadOnlyList<ListedModel> Listed { get; private set; } = [];

    /// <summary>The adapters that this gateway has loaded there since it came up.</summary>
    public HashSet<string> Adapters { get; } = new(StringComparer.Ordinal);

    /// <summary>One change of its adapters at a time.</summary>
    public SemaphoreSlim Changing { get; } = new(1);

    /// <summary>It answers, and takes requests from now on.</summary>
    public void Up(IReadOnlyList<ListedModel> listed) => (IsUp, Problem, Listed) = (true, null, listed);

    /// <summary>It takes none until it is up again.</summary>
    public void Down(string problem) => (IsUp, Problem) = (false, problem);

    /// <summary>Somebody has a reason to look at it before its time.</summary>
    public void LookSoon()
    {
        try
        {
            _worthALook.Release();
        }
        catch (SemaphoreFullException)
        {
            // somebody has said so already
        }
    }

    /// <summary>Waits until it is time for a look, or somebody has a reason for one.</summary>
    public Task<bool> WhenWorthALookAsync(TimeSpan atTheLatest, CancellationToken cancellation) => _worthALook.WaitAsync(atTheLatest, cancellation);

    /// <summary>It is asked one thing more until the answer is disposed.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _busy);
        return new Visit(this);
    }

    /// <summary>Asks it; what comes is a good answer's head.</summary>
    /// <param name="method">HTTP's.</param>
    /// <param name="path">Without a leading slash.</param>
    /// <param name="body">JSON; null: none.</param>
    /// <param name="cancellation">The client's.</param>
    /// <exception cref="ReplicaException">It is gone, silent or broken: another one may be asked.</exception>
    /// <exception cref="OpenAiException">It refuses the request, as any other would.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new HttpRequestMessage(method, path).InTrace();
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        HttpResponseMessage head = await InTimeAsync(token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellation);
        if (head.IsSuccessStatusCode)
            return head;
        using (head)
        {
            byte[] said = await ReadAsync(head, MostOfError, cancellation);
            throw Errors.Of(head.StatusCode, said, head.Headers.RetryAfter?.Delta);
        }
    }

    /// <summary>The whole body.</summary>
    /// <exception cref="ReplicaException">It was cut, or has more bytes than that.</exception>
    public async Task<byte[]> ReadAsync(HttpResponseMessage head, int most, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        await using Stream body = await InTimeAsync(head.Content.ReadAsStreamAsync, cancellation);
        while (await ReadAsync(body, buffer, cancellation) is > 0 and int count)
        {
            whole.Write(buffer, 0, count);
            if (whole.Length > most)
                throw UpstreamError.Nonsense($"more than {most >> 20} MiB");
        }
        return whole.ToArray();
    }

    /// <summary>The next bytes of a body; 0: its end.</summary>
    /// <exception cref="ReplicaException">It was cut.</exception>
    public Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellation) =>
        InTimeAsync(token => body.ReadAsync(buffer, token).AsTask(), cancellation);

    /// <summary>What it serves. A server without a list answers, too: with an empty one.</summary>
    /// <exception cref="ReplicaException">It does not answer.</exception>
    /// <exception cref="OpenAiException">It refuses the key.</exception>
    public async Task<IReadOnlyList<ListedModel>> ListAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(ListTimeout);
        try
        {
            using HttpResponseMessage head = await SendAsync(HttpMethod.Get, "v1/models", body: null, timeout.Token);
            return ListedModel.Read(await ReadAsync(head, MostOfList, timeout.Token));
        }
        catch (OpenAiException e) when (e.Status is 404 or 405)
        {
            return [];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw UpstreamError.Slow((int)ListTimeout.TotalSeconds);
        }
    }

    /// <summary>Asks for something small, and reads the answer.</summary>
    /// <exception cref="ReplicaException">It is gone, silent or broken.</exception>
    /// <exception cref="OpenAiException">It refuses.</exception>
    public async Task<byte[]> PostAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        using HttpResponseMessage head = await SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body), cancellation);
        return await ReadAsync(head, MostOfList, cancellation);
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Timeout);
        try
        {
            return await step(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw UpstreamError.Silent((int)Timeout.TotalSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            throw e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                ? UpstreamError.Unreachable()
                : UpstreamError.Lost("was lost before it had answered");
        }
    }

    private sealed class Visit(Replica replica) : IDisposable
    {
        private Replica? _replica = replica;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _replica, null) is { } left)
                Interlocked.Decrement(ref left._busy);
        }
    }
}
