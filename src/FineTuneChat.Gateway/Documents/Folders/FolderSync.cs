using System.Security.Cryptography;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Folders;

/// <summary>
/// Makes a collection what its folder is: files that are new or hold something else are read, those that are gone are deleted. By size and time it knows which
/// to look into, by their hash which have changed.
/// </summary>
internal sealed partial class FolderSync(
    FolderStore folders, VectorStores stores, StoreFiles entries, UploadedFiles files, DocumentIngestion ingestion, DataFolder data,
    ILogger<FolderSync> logger)
{
    private const int Most = 20_000; // files of a folder

    /// <summary>Compares and corrects, once.</summary>
    /// <param name="folder">Its full path; where it is not there (a drive that is not mounted), nothing is deleted.</param>
    /// <param name="cancellation">Ends it between two files.</param>
    public async Task RunAsync(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            LogNotThere(logger, folder);
            return;
        }
        string store = folders.CollectionOf(folder) ?? await AddCollectionAsync(folder);
        IReadOnlyDictionary<string, WatchedFile> known = folders.Files(store);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (FileInfo file in FolderFiles.In(folder, data.Root))
        {
            cancellation.ThrowIfCancellationRequested();
            string name = FolderFiles.NameOf(folder, file);
            if (seen.Count == Most)
            {
                LogTooMany(logger, folder, Most);
                break;
            }
            if (await TryKeepAsync(store, file, name, known.GetValueOrDefault(name), cancellation))
                seen.Add(name);
        }
        if (seen.Count < Most) // otherwise nobody knows what is gone
            foreach (WatchedFile gone in known.Values.Where(file => !seen.Contains(file.Path)))
                await files.RemoveAsync(Caller.Local, gone.FileId);
    }

    private async Task<string> AddCollectionAsync(string folder)
    {
        string store = await stores.CreateAsync(Caller.Local, new VectorStoreRequest { Name = Path.GetFileName(folder) });
        await folders.SetCollectionAsync(folder, store);
        return store;
    }

    /// <summary>Whether the file is one of the collection's, now or as it was.</summary>
    private async Task<bool> TryKeepAsync(string store, FileInfo file, string name, WatchedFile? known, CancellationToken cancellation)
    {
        try
        {
            long modified = file.LastWriteTimeUtc.Ticks;
            if (known is not null && (known.Bytes, known.Modified) == (file.Length, modified))
                return true;
            if (file.Length > files.MostBytes)
                throw new IOException($"it has {file.Length:N0} bytes; at most {files.MostBytes:N0} are read (Storage:MaxFileMegabytes).");
            await using FileStream content = file.Open(new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete });
            if (!FolderFiles.HoldsText(content, name))
                return false;
            byte[] hash = await SHA256.HashDataAsync(content, cancellation);
            if (known is not null && known.Hash.AsSpan().SequenceEqual(hash))
                await folders.KeepAsync(store, known with { Bytes = file.Length, Modified = modified });
            else
                await ReadAsync(store, content, new(name, "", file.Length, modified, hash), known, cancellation);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OpenAiException { Status: StatusCodes.Status413PayloadTooLarge })
        {
            LogNotRead(logger, name, e.Message);
            return known is not null && file.Exists; // it may be readable again
        }
    }

    private async Task ReadAsync(string store, FileStream content, WatchedFile file, WatchedFile? known, CancellationToken cancellation)
    {
        content.Position = 0;
        UploadedFile added = await files.AddAsync(Caller.Local, content, file.Path, () => Task.FromResult(UploadedFile.Assistants), cancellation);
        await folders.KeepAsync(store, file with { FileId = added.Id });
        await entries.AddAsync(store, added.Id, attributes: null);
        if (known is not null)
            await files.RemoveAsync(Caller.Local, known.FileId);
        ingestion.Wake();
    }

    [LoggerMessage(8010, LogLevel.Warning, "The folder {Folder} (Documents:Folders) is not there; its documents stay as they were")]
    private static partial void LogNotThere(ILogger logger, string folder);

    [LoggerMessage(8011, LogLevel.Warning, "The folder {Folder} has more than {Most} documents; the others are not read")]
    private static partial void LogTooMany(ILogger logger, string folder, int most);

    [LoggerMessage(8012, LogLevel.Warning, "{File} of a watched folder could not be read: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string file, string reason);
}
