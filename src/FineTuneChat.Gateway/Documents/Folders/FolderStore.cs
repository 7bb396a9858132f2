using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Documents.Folders;

/// <summary>A file of a watched folder as it was when it was read.</summary>
/// <param name="Path">Within the folder, with <c>/</c>.</param>
/// <param name="FileId">What it is as a document.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Modified">When it was last written, in ticks.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
internal sealed record WatchedFile(string Path, string FileId, long Bytes, long Modified, byte[] Hash);

/// <summary>Which collection a watched folder is, and which of its files are which documents.</summary>
internal sealed class FolderStore(Database database)
{
    /// <summary>The collection of a folder; null: it has none, or that was deleted.</summary>
    public string? CollectionOf(string folder) =>
        database.Read(c => c.QueryFirstOrDefault<string>("SELECT store_id FROM watched_folders WHERE path = @folder", new { folder }));

    public Task SetCollectionAsync(string folder, string store) => database.WriteAsync(c => c.Execute(
        """
        INSERT INTO watched_folders (path, store_id) VALUES (@folder, @store) ON CONFLICT (path) DO UPDATE SET store_id = excluded.store_id
        """,
        new { folder, store }));

    /// <summary>Those that are in the collection, by their paths: of one that a crash has kept out, or somebody has taken out, nothing is known.</summary>
    public IReadOnlyDictionary<string, WatchedFile> Files(string store) => database.Read(c => c.Query<WatchedFile>(
        """
        SELECT w.path, w.file_id, w.bytes, w.modified, w.hash FROM watched_files w
        JOIN vector_store_files f ON f.store_id = w.store_id AND f.file_id = w.file_id WHERE w.store_id = @store
        """,
        new { store }).ToDictionary(file => file.Path));

    public Task KeepAsync(string store, WatchedFile file) => database.WriteAsync(c => c.Execute(
        """
        INSERT INTO watched_files (store_id, path, file_id, bytes, modified, hash) VALUES (@store, @Path, @FileId, @Bytes, @Modified, @Hash)
        ON CONFLICT (store_id, path) DO UPDATE SET file_id = excluded.file_id, bytes = excluded.bytes, modified = excluded.modified, hash = excluded.hash
        """,
        new { store, file.Path, file.FileId, file.Bytes, file.Modified, file.Hash }));
}
