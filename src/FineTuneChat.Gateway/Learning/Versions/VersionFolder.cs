using System.Globalization;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>
/// The folders <c>versions/N</c> of an assistant: written under a temporary name, synced, then renamed. Whoever sees <c>versions/3</c> sees it whole, and it
/// never changes.
/// </summary>
internal static class VersionFolder
{
    /// <summary>An empty folder to write version <paramref name="number"/> into.</summary>
    public static string Begin(string versions, int number)
    {
        string folder = Path.Combine(versions, number.ToString(CultureInfo.InvariantCulture) + DataFolder.Unfinished);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return PrivateFile.CreateFolder(folder).FullName;
    }

    /// <summary>Syncs what was written and gives the folder its name. Answers with its path.</summary>
    public static string Finish(string versions, int number)
    {
        string name = number.ToString(CultureInfo.InvariantCulture);
        string unfinished = Path.Combine(versions, name + DataFolder.Unfinished);
        foreach (string file in Directory.EnumerateFiles(unfinished))
            using (FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite))
                stream.Flush(flushToDisk: true);
        PrivateFile.Tighten(new DirectoryInfo(unfinished)); // trainer and exporter write for everybody to read
        string finished = Path.Combine(versions, name);
        Directory.Move(unfinished, finished);
        return finished;
    }

    /// <summary>
    /// Removes what is unfinished, and folders that the database does not know: a crash came between the name and the record, or the version was
    /// removed. A file that an engine still has open (Windows) is left for the next time.
    /// </summary>
    public static void RemoveLeftovers(string versions, IReadOnlySet<int> known)
    {
        foreach (string folder in Directory.Exists(versions) ? Directory.EnumerateDirectories(versions) : [])
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && known.Contains(number))
                continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
            {
                // in use: later
            }
        }
    }
}
