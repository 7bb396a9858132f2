using System.Net;
using System.Net.Sockets;
using FineTuneChat.Cli;

namespace FineTuneChat.Security;

/// <summary>Where the gateway may listen: without keys, on this machine only.</summary>
internal static class ListenAddresses
{
    /// <exception cref="UserException">An address is none, or is open to other machines without <see cref="SecuritySettings.AllowRemoteWithoutKey"/>.</exception>
    public static void Check(string urls, SecuritySettings security)
    {
        foreach (string url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Kestrel's wildcards are no URLs.
            string plain = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(plain, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
                throw new UserException($"'{url}' is not an address to listen on. Write it like http://127.0.0.1:1234.");
            if (!IsLoopback(uri.Host) && !security.AllowRemoteWithoutKey)
                throw new UserException($"{url} can be reached from other machines, and whoever reaches it can read and train. Listen on http://127.0.0.1:{uri.Port}, or set Security:AllowRemoteWithoutKey to true if your network is trusted.");
        }
    }

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
