using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Storage;

/// <summary>The paths below the data directory, and the lock that keeps a second gateway out of it. It is for its owner alone.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string DatabaseName = "finetunechat.db";

    /// <summary>Ends the name of what is still being written.</summary>
    public const string Unfinished = ".partial";

    /// <summary>Of a run: texts that were erased, there only while a model is asked about them.</summary>
    public const string ErasedTexts = "erased.jsonl";

    /// <summary>Of a run: what it has learned, once more in PEFT's format.</summary>
    public const string PeftWeights = "adapter_model.safetensors", PeftConfig = "adapter_config.json";

    /// <summary>Both of them, as <c>train</c> writes them.</summary>
    public static IReadOnlyList<string> PeftFiles { get; } = [PeftConfig, PeftWeights];

    public const string LockName = "lock";

    // HResults of a file that another process has locked.
    private const int SharingViolation = unchecked((int)0x80070020), LinuxWouldBlock = 11, MacWouldBlock = 35;
    private readonly FileStream _lock;

    /// <param name="path">The folder; made when it is not there.</param>
    /// <param name="warn">Told of what is odd but no reason to stop; the error stream where nothing is given.</param>
    /// <param name="isDatabaseHere">Whether the database is a file in it.</param>
    /// <exception cref="UserException">The folder cannot be written, another gateway uses it, or its database is lost.</exception>
    public DataFolder(string path, Action<string>? warn = null, bool isDatabaseHere = true)
    {
        Root = Path.GetFullPath(path);
        warn ??= Console.Error.WriteLine;
        _lock = TakeLock();
        try
        {
            if (isDatabaseHere)
                RequireDatabase(warn);
            Tighten(warn);
            IEnumerable<string> measured = Directory.EnumerateDirectories(Runs).SelectMany(run => Directory.EnumerateFiles(run, ErasedTexts + "*"));
            IEnumerable<string> uploads = Directory.EnumerateFiles(Files, "*" + Unfinished);
            foreach (string leftover in Directory.EnumerateFiles(References, "*" + Unfinished).Concat(measured).Concat(uploads))
                File.Delete(leftover);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public string Root { get; }
    public string Database => Path.Combine(Root, DatabaseName);
    public string Versions => Path.Combine(Root, "versions");
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Of all assistants but the first, whose versions are where they always were.</summary>
    public string Assistants => Path.Combine(Root, "assistants");

    /// <summary>Replies of the base models to the general prompts.</summary>
    public string References => Path.Combine(Root, "references");

    /// <summary>What was uploaded.</summary>
    public string Files => Path.Combine(Root, "files");

    /// <summary>Certificates of what was erased.</summary>
    public string Erasures => Path.Combine(Root, "erasures");

    public string Assistant(string id) => Path.Combine(Assistants, id);

    public string VersionsOf(string assistant) => assistant == AssistantNames.Default ? Versions : Path.Combine(Assistant(assistant), "versions");

    public string Run(string id) => Path.Combine(Runs, id);

    public string UploadedFile(string id) => Path.Combine(Files, id);

    /// <summary>What a run has learned.</summary>
    public string RunAdapter(string id) => Path.Combine(Run(id), "adapter.gguf");

    /// <summary>Folders of files that only a database knows.</summary>
    public string[] Orphans() => [.. ((string[])[Versions, Runs, Assistants]).Where(folder => Directory.EnumerateFileSystemEntries(folder).Any())];

    public void Dispose() => _lock.Dispose(); // the file stays: deleting it would race with the next gateway's lock

    private FileStream TakeLock()
    {
        try
        {
            foreach (string folder in (string[])[Root, Versions, Runs, Assistants, References, Files, Erasures])
                PrivateFile.CreateFolder(folder);
            return PrivateFile.Open(Path.Combine(Root, LockName), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException e) when (e.HResult is SharingViolation or LinuxWouldBlock or MacWouldBlock)
        {
            throw new UserException($"The data folder {Root} is in use by another FineTuneChat. Stop that one, or choose another folder with --data DIR.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException(
                $"The data folder {Root} cannot be written: {e.Message} Make it writable for this user, or choose another with --data DIR.", e);
        }
    }

    /// <summary>
    /// A database that is empty or missing is made anew, but not beside versions, runs or a log of changes: then it was lost, and a new one would know none
    /// of them and have them removed.
    /// </summary>
    private void RequireDatabase(Action<string> warn)
    {
        var file = new FileInfo(Database);
        if (file is { Exists: true, Length: > 0 })
            return;
        string[] orphans = Orphans();
        if (new FileInfo($"{Database}-wal") is { Exists: true, Length: > 0 } log)
            orphans = [log.FullName, .. orphans];
        if (orphans.Length > 0)
            throw new UserException(
                $"{Database} is {(file.Exists ? "empty" : "missing")}, but there is still {string.Join(" and ", orphans)}: the database was lost. Put a backup "
                + "in its place, or, to begin anew, move all of these away or choose another folder with --data DIR.");
        if (file.Exists)
            warn($"{Database} is empty and is begun anew. If there were conversations in it, stop the server and put a backup in its place.");
    }

    /// <summary>Older programs left all of this open to every user of the machine.</summary>
    private void Tighten(Action<string> warn)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            FileSystemInfo root = Target(new DirectoryInfo(Root));
            bool isShared = root.UnixFileMode.HasFlag(UnixFileMode.StickyBit); // such as /tmp: made for all users, who must still get in
            bool wasOpen = !isShared && PrivateFile.TightenAlone(root);
            foreach (FileSystemInfo entry in new DirectoryInfo(Root).EnumerateFileSystemInfos().Where(e => IsOwn(e.Name))) // not what a user put there
                wasOpen |= PrivateFile.Tighten(Target(entry));
            if (wasOpen)
                warn($"Other users of this machine could read the data in {Root}; from now on its owner alone can.");
            if (isShared)
                warn($"{Root} is a folder for all users. Better choose one of your own with --data DIR.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The data in {Root} cannot be closed to other users of this machine: {e.Message}");
        }

        static FileSystemInfo Target(FileSystemInfo entry) => entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry; // versions may lie on another disk
        static bool IsOwn(string name) =>
            name is LockName or "versions" or "runs" or "assistants" or "references" or "files" or "erasures"
            || name.StartsWith(DatabaseName, StringComparison.Ordinal);
    }
}
