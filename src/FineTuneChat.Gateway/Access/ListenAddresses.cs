using System.Net;
using System.Net.Sockets;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Access;

/// <summary>Where the gateway may listen: without a key, on this machine only.</summary>
internal static class ListenAddresses
{
    private const string MakeKey = "Make one: finetunechat keys create --name NAME --scopes admin";

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
        foreach (ListenAddress address in ListenAddress.Parse(urls))
        {
            if (address.IsLoopback || security.AllowRemoteWithoutKey)
                continue;
            isKeyNeeded = true;
            if (!hasKey)
                throw new UserException(
                    $"{address.Url} can be reached from other machines, so it needs an API key, and there is none. {MakeKey}. "
                    + $"Or listen on http://127.0.0.1:{address.Port}, or set Security:AllowRemoteWithoutKey to true "
                    + "if you trust everybody in your network to read and train.");
        }
        return isKeyNeeded;
    }

    /// <summary>Where a client on this machine finds it: an address that means all of this machine's is none to call.</summary>
    public static string OnThisMachine(string url) => ((string[])["//0.0.0.0", "//[::]", "//*", "//+"])
        .Aggregate(url, (address, any) => address.Replace(any, "//127.0.0.1", StringComparison.Ordinal));

    /// <summary>Tries the addresses before anything is started: a port in use is one line, not a failed start.</summary>
    /// <exception cref="UserException">An address is none, its port is taken, or it is not for this user.</exception>
    public static void CheckFree(string urls)
    {
        foreach (ListenAddress address in ListenAddress.Parse(urls).Where(a => a.Port != 0 && a.Host is not ("*" or "+"))) // wildcards: Kestrel tries them
        {
            try
            {
                using var listener = new TcpListener(address.Ip ?? IPAddress.Loopback, address.Port);
                listener.Start();
            }
            catch (SocketException e)
            {
                string why = e.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => "is in use by another program (perhaps another FineTuneChat). Stop that one, or choose another port",
                    SocketError.AccessDenied => "is not allowed to you. Choose a port above 1024",
                    SocketError.AddressNotAvailable => "is no address of this machine. Choose another",
                    _ => $"cannot be listened on ({e.Message}). Choose another",
                };
                int other = address.Port is >= 1024 and < IPEndPoint.MaxPort ? address.Port + 1 : 1234;
                throw new UserException($"{address.Url} {why}: --urls http://127.0.0.1:{other}", e);
            }
        }
    }
}
