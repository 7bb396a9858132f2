using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Processes;

/// <summary>
/// A folder for the sockets of processes that only this user can enter. Its path is short: a socket's may have about 100 bytes. A file that is held locked in
/// it tells that its gateway runs; folders whose gateway was killed are removed by the next one.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    private const int LongestParent = 60;
    private const string Prefix = "ftc-", LockName = "gateway.lock";
    private readonly FileStream _lock;

    public SocketFolder()
    {
        string parent = System.IO.Path.GetTempPath();
        if (parent.Length > LongestParent && !OperatingSystem.IsWindows())
            parent = "/tmp";
        RemoveAbandoned(parent);
        Path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid().ToString("N")[..8]}");
        PrivateFile.CreateFolder(Path); // on Windows the user's temporary folder is private
        _lock = PrivateFile.Open(System.IO.Path.Combine(Path, LockName), FileMode.CreateNew, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        _lock.Dispose();
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // another gateway has found it abandoned in this moment
        }
    }

    /// <summary>Removes the folders whose lock nobody holds. One without a lock is another program's, or is being made at this moment.</summary>
    private static void RemoveAbandoned(string parent)
    {
        foreach (DirectoryInfo folder in new DirectoryInfo(parent).EnumerateDirectories($"{Prefix}????????").Where(f => f.LinkTarget is null))
        {
            try
            {
                if (!File.Exists(System.IO.Path.Combine(folder.FullName, LockName)))
                    continue;
                PrivateFile.Open(System.IO.Path.Combine(folder.FullName, LockName), FileMode.Open, FileShare.None).Dispose();
                folder.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // its gateway runs, it belongs to another user, or another gateway is removing it
            }
        }
    }
}
