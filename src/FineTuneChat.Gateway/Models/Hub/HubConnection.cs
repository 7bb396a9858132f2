using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>
/// GET requests to a hub and to where it sends us. Redirects are followed here and not by .NET, so that the token goes to the hub alone, never to the hosts
/// that store its files. Proxies are those of the system (HTTPS_PROXY, NO_PROXY).
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaxRedirects = 8;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20), HeaderTimeout = TimeSpan.FromSeconds(60);
    private static readonly string Version = typeof(HubConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly string _token;

    /// <param name="address">The hub's.</param>
    /// <param name="token">For the hub; empty: that of HF_TOKEN.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="backoff">How often and how soon it is tried again.</param>
    /// <exception cref="HubException">The address is none.</exception>
    public HubConnection(string address, string token, TimeProvider time, Backoff? backoff = null)
    {
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? hub) || hub.Scheme is not ("http" or "https"))
            throw new HubException(HubFault.Name, $"Models:HubUrl is '{address}'; an address such as https://huggingface.co is needed.");
        Hub = hub;
        Time = time;
        Backoff = backoff ?? Backoff.Default;
        _token = token.Length > 0 ? token : Environment.GetEnvironmentVariable("HF_TOKEN")?.Trim() ?? "";
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("finetunechat", Version.Split('+')[0]));
    }

    public Uri Hub { get; }
    public TimeProvider Time { get; }
    public Backoff Backoff { get; }
    public bool HasToken => _token.Length > 0;

    /// <summary>One answer, whatever its status. Its body has not been read.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached, or leads astray.</exception>
    public async Task<HubAnswer> SendAsync(Uri address, RangeHeaderValue? range, CancellationToken cancellation)
    {
        LinkedFile? linked = null;
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HttpResponseMessage response = await SendOnceAsync(address, range, cancellation);
            linked = LinkedFile.Of(response) ?? linked;
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                || response.Headers.Location is not { } location)
                return new HubAnswer(response, linked);
            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme != "https" && !(next.Scheme == "http" && address.Scheme == "http"))
                throw new HttpRequestException($"{address.Host} redirects from {address.Scheme} to {next.Scheme}, which is refused.");
            address = next;
        }
        throw new HttpRequestException($"{address.Host} redirects more than {MaxRedirects} times.");
    }

    /// <summary>An answer with its body whole.</summary>
    /// <exception cref="HubException">It is no success; the message says what the hub says.</exception>
    public Task<byte[]> ReadAsync(Uri address, string what, RangeHeaderValue? range, CancellationToken cancellation) =>
        AskAsync(address, what, range, answer => ReadBodyAsync(answer.Response, range, cancellation), cancellation);

    /// <summary>What is read of a successful answer. Tried again while the server is busy or cannot be reached.</summary>
    /// <exception cref="HubException">It is no success; the message says what the server says.</exception>
    public async Task<T> AskAsync<T>(Uri address, string what, RangeHeaderValue? range, Func<HubAnswer, Task<T>> read, CancellationToken cancellation)
    {
        for (int failures = 1; ; failures++)
        {
            TimeSpan? asked = null;
            HubException problem;
            try
            {
                using HubAnswer answer = await SendAsync(address, range, cancellation);
                if (answer.Response.IsSuccessStatusCode)
                    return await read(answer);
                problem = await answer.ProblemAsync(what, HasToken, cancellation);
                if (problem.Fault != HubFault.Unreachable)
                    throw problem;
                asked = answer.RetryAfter(Time);
            }
            catch (Exception e) when (IsLost(e, cancellation))
            {
                problem = new HubException(
                    HubFault.Unreachable, $"{address.Host} cannot be reached ({e.GetBaseException().Message.TrimEnd('.')}). Is there a network, or a proxy to set (HTTPS_PROXY)?", e);
            }
            if (Backoff.After(failures, asked) is not { } pause)
                throw problem;
            await Task.Delay(pause, Time, cancellation);
        }
    }

    /// <summary>Whether it may go better next time: the connection is lost, or nothing came in time.</summary>
    public static bool IsLost(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(Uri address, RangeHeaderValue? range, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = range;
        if (HasToken && IsHub(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(HeaderTimeout);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
    }

    private bool IsHub(Uri address) => (address.Scheme, address.Host, address.Port) == (Hub.Scheme, Hub.Host, Hub.Port);

    /// <summary>Of a range no more than was asked for: a server may not know ranges and send all.</summary>
    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, RangeHeaderValue? range, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(HeaderTimeout);
        const int MostOfJson = 64 << 20;
        int most = (int)(range?.Ranges.First().To + 1 ?? MostOfJson);
        using Stream body = await response.Content.ReadAsStreamAsync(timeout.Token);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (bytes.Length < most && await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - bytes.Length)), timeout.Token) is > 0 and var read)
            bytes.Write(buffer, 0, read);
        return bytes.ToArray();
    }
}
