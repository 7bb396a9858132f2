using System.Text;

namespace FineTuneChat.Gateway.Storage;

/// <summary>
/// Files and folders for their owner alone: 0600 and 0700. On Windows nothing is set: a new file has the access list of its folder, and the folders of a
/// user are that user's.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite, FolderForOwner = ForOwner | UnixFileMode.UserExecute;
    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Makes a folder, unless it is there.</summary>
    public static DirectoryInfo CreateFolder(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, FolderForOwner);

    /// <summary>Opens a file for reading and writing; one that is new is private.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) // .NET refuses it there
            options.UnixCreateMode = ForOwner;
        return new FileStream(path, options);
    }

    /// <summary>Writes lines, each with a line feed, so that the file is whole or not there.</summary>
    public static void WriteLines(string path, IEnumerable<string> lines)
    {
        string unfinished = path + DataFolder.Unfinished;
        using (var writer = new StreamWriter(Open(unfinished, FileMode.Create, FileShare.None), Utf8))
            foreach (string line in lines)
                writer.Write(line + "\n");
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Takes the rights of everybody but the owner from a file, or from a folder and all in it. Whether there were any.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static bool Tighten(FileSystemInfo entry)
    {
        bool wasOpen = TightenAlone(entry);
        if (entry is DirectoryInfo { Exists: true, LinkTarget: null } folder)
            foreach (FileSystemInfo inside in folder.EnumerateFileSystemInfos())
                wasOpen |= Tighten(inside);
        return wasOpen;
    }

    /// <summary>The same for a folder without what is in it.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static bool TightenAlone(FileSystemInfo entry)
    {
        // What a link names may be used by others, too.
        if (OperatingSystem.IsWindows() || !entry.Exists || entry.LinkTarget is not null || (entry.UnixFileMode & ForOthers) == 0)
            return false;
        entry.UnixFileMode &= ~ForOthers;
        return true;
    }
}
