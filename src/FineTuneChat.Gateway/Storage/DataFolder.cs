using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Storage;

/// <summary>The paths below the data directory, and the lock that keeps a second gateway out of it.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string DatabaseName = "finetunechat.db";
    private readonly FileStream _lock;

    /// <exception cref="UserException">The folder cannot be written, or another gateway uses it.</exception>
    public DataFolder(string path)
    {
        Root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Versions);
            Directory.CreateDirectory(Runs);
            Directory.CreateDirectory(References);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The data folder {Root} cannot be used: {e.Message} Choose another with --data DIR.", e);
        }
        try
        {
            _lock = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The data folder {Root} is in use by another FineTuneChat. Stop that one, or choose another folder with --data DIR.", e);
        }
    }

    public string Root { get; }
    public string Database => Path.Combine(Root, DatabaseName);
    public string Versions => Path.Combine(Root, "versions");
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Replies of the base models to the general prompts.</summary>
    public string References => Path.Combine(Root, "references");

    public string Run(string id) => Path.Combine(Runs, id);

    /// <summary>What a run has learned.</summary>
    public string RunAdapter(string id) => Path.Combine(Run(id), "adapter.gguf");

    public void Dispose() => _lock.Dispose(); // the file stays: deleting it would race with the next gateway's lock
}
