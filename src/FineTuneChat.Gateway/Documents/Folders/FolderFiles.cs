using FineTuneChat.Documents;

namespace FineTuneChat.Gateway.Documents.Folders;

/// <summary>
/// The files of a folder that can be documents. Links are not followed, wherever they lead; hidden files, those of an office program that has a document open,
/// what is empty or no file, and what holds no text are passed over.
/// </summary>
internal static class FolderFiles
{
    private const int Head = 1024;

    private static readonly EnumerationOptions Options = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <param name="folder">Its full path.</param>
    /// <param name="without">A folder that is passed over: our own data.</param>
    public static IEnumerable<FileInfo> In(string folder, string without)
    {
        string own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(without)) + Path.DirectorySeparatorChar;
        return new DirectoryInfo(folder).EnumerateFiles("*", Options)
            .Where(file => file.Length > 0 && !file.Name.StartsWith("~$", StringComparison.Ordinal) && !file.FullName.StartsWith(own, StringComparison.Ordinal)
                && !IsInHidden(Path.GetRelativePath(folder, file.FullName)));
    }

    /// <summary>Within the folder, alike on every system.</summary>
    public static string NameOf(string folder, FileInfo file) => Path.GetRelativePath(folder, file.FullName).Replace('\\', '/');

    /// <summary>Whether its first bytes are those of a document.</summary>
    public static bool HoldsText(FileStream content, string name)
    {
        Span<byte> head = stackalloc byte[Head];
        int read = content.ReadAtLeast(head, Head, throwOnEndOfStream: false);
        content.Position = 0;
        return DocumentReader.HoldsText(head[..read], name);
    }

    private static bool IsInHidden(string path) =>
        path.Split(Path.DirectorySeparatorChar).SkipLast(1).Any(part => part.StartsWith('.'));
}
