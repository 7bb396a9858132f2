namespace FineTuneChat.Gateway.Serving;

/// <summary>A folder for the engines' sockets that only this user can enter. Its path is short: a socket's may have about 100 bytes.</summary>
internal sealed class SocketFolder : IDisposable
{
    private const int LongestParent = 60;

    public SocketFolder()
    {
        string parent = System.IO.Path.GetTempPath();
        if (parent.Length > LongestParent && !OperatingSystem.IsWindows())
            parent = "/tmp";
        Path = System.IO.Path.Combine(parent, $"ftc-{Guid.NewGuid().ToString("N")[..8]}");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path); // the user's temporary folder is private there
        else
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
