using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace FineTuneChat.Protocol.Processes;

/// <summary>A Unix-domain socket that only its user can open, and whose file a dead process may have left behind.</summary>
internal static class UnixSocket
{
    private const int MaxPathBytes = 103; // sockaddr_un holds 108 on Linux, 104 on macOS, with the final zero

    /// <summary>Makes sure that the path can be bound: removes a file that nobody listens on.</summary>
    /// <exception cref="UserException">The path is too long, its folder is missing, or another process serves on it.</exception>
    public static async Task PrepareAsync(string path)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw new UserException($"The socket path {path} is too long: the system allows {MaxPathBytes} bytes. Choose a shorter one with --socket.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new UserException($"The folder of the socket {path} does not exist. Create it, or choose another path with --socket.");
        if (!File.Exists(path))
            return;
        if (await IsServedAsync(path))
            throw new UserException($"Another process serves on the socket {path}. Stop it, or choose another path with --socket.");
        File.Delete(path);
    }

    /// <summary>Between bind and listen nobody can connect: that is when the mode is set.</summary>
    public static void RestrictToUser(SocketTransportOptions options)
    {
        Func<System.Net.EndPoint, Socket> bind = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endPoint =>
        {
            Socket socket = bind(endPoint);
            if (endPoint is UnixDomainSocketEndPoint && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(endPoint.ToString()!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return socket;
        };
    }

    private static async Task<bool> IsServedAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
