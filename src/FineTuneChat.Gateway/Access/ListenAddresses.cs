using System.Net;
using System.Net.Sockets;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Access;

/// <summary>Where the gateway may listen: without a key, on this machine only.</summary>
internal static class ListenAddresses
{
    /// <summary>Whether requests must bring a key: <see cref="SecuritySettings.RequireKey"/> says so, or other machines reach an address.</summary>
    /// <param name="urls">Where to listen.</param>
    /// <param name="security">What is allowed.</param>
    /// <param name="hasKey">Whether there is a key that can make others.</param>
    /// <exception cref="UserException">An address is none, or a key is needed and there is none.</exception>
    public static bool Check(string urls, SecuritySettings security, bool hasKey)
    {
        bool isKeyNeeded = security.RequireKey;
        if (isKeyNeeded && !hasKey)
            throw new UserException($"Security:RequireKey is true, and there is no API key yet. {MakeKey}.");
        foreach (string url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Kestrel's wildcards are no URLs.
            string plain = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(plain, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
                throw new UserException($"'{url}' is not an address to listen on. Write it like http://127.0.0.1:1234.");
            if (IsLoopback(uri.Host) || security.AllowRemoteWithoutKey)
                continue;
            isKeyNeeded = true;
            if (!hasKey)
                throw new UserException($"{url} can be reached from other machines, so it needs an API key, and there is none. {MakeKey}. Or listen on http://127.0.0.1:{uri.Port}, or set Security:AllowRemoteWithoutKey to true if you trust everybody in your network to read and train.");
        }
        return isKeyNeeded;
    }

    private const string MakeKey = "Make one: finetunechat keys create --name NAME --scopes admin";

    /// <summary>Tries the addresses before anything is started: a port in use is one line, not a failed start.</summary>
    /// <exception cref="UserException">A port is taken, or not for this user.</exception>
    public static void CheckFree(string urls)
    {
        foreach (string url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Port == 0)
                continue; // a wildcard: Kestrel tries it
            IPAddress address = IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? literal) ? literal : IPAddress.Loopback;
            try
            {
                using var listener = new TcpListener(address, uri.Port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable)
            {
                string why = e.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => "is in use by another program (perhaps another FineTuneChat). Stop that one, or choose another port",
                    SocketError.AccessDenied => "is not allowed to you. Choose a port above 1024",
                    _ => "is no address of this machine. Choose another",
                };
                throw new UserException($"{url} {why}: --urls http://127.0.0.1:{(uri.Port is >= 1024 and < 65535 ? uri.Port + 1 : 1234)}", e);
            }
        }
    }

    private static bool IsLoopback(string host) =>
        host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
