using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>Uploaded files: their records in the database, their bytes in <c>data/files/</c> under their ids.</summary>
internal sealed class UploadedFiles(Database database, DataFolder data, StorageSettings settings, StorageRoom room, TimeProvider time)
{
    private const int CopyBuffer = 1 << 16, BytesPerMegabyte = 1_000_000;
    private const string Select = "SELECT id, name AS filename, purpose, bytes, created_at / 1000 AS created_at FROM files";

    /// <summary>Bytes that one file may have.</summary>
    public long MostBytes => (long)settings.MaxFileMegabytes * BytesPerMegabyte;

    /// <summary>Keeps a file whose bytes come from the network: whole or not at all.</summary>
    /// <param name="caller">Whose it becomes.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="name">As the client calls it; shown, and by its extension a table is known. Never part of a path.</param>
    /// <param name="purpose">Told once the file has come: the field may stand behind it.</param>
    /// <param name="cancellation">Ends it; nothing stays.</param>
    /// <exception cref="OpenAiException">413: it is larger than is allowed; 507: no room is left.</exception>
    public async Task<UploadedFile> AddAsync(
        Caller caller, Stream content, string name, Func<Task<string>> purpose, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        string id = $"file-{Guid.CreateVersion7(now):N}", unfinished = data.UploadedFile(id) + DataFolder.Unfinished;
        try
        {
            long bytes = await CopyAsync(content, unfinished, cancellation);
            string use = await purpose();
            caller.Require(use == UploadedFile.FineTune ? Scopes.Train : Scopes.Chat);
            File.Move(unfinished, data.UploadedFile(id));
            var file = new UploadedFile { Id = id, Filename = name, Purpose = use, Bytes = bytes, CreatedAt = now.ToUnixTimeSeconds() };
            await database.WriteAsync(c => c.Execute(
                "INSERT INTO files (id, owner, name, purpose, bytes, created_at) VALUES (@Id, @Owner, @Filename, @Purpose, @Bytes, @now)",
                new { file.Id, caller.Owner, file.Filename, file.Purpose, file.Bytes, now = now.ToUnixTimeMilliseconds() }));
            return file;
        }
        catch
        {
            File.Delete(unfinished);
            File.Delete(data.UploadedFile(id));
            throw;
        }
    }

    /// <summary>Keeps what came of a job, for whoever brought its training file. Once more is as once.</summary>
    public async Task KeepResultAsync(string id, string trainingFile, string name, Func<Stream, Task> write)
    {
        string unfinished = data.UploadedFile(id) + DataFolder.Unfinished;
        await using (FileStream file = PrivateFile.Open(unfinished, FileMode.Create, FileShare.None))
        {
            await write(file);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, data.UploadedFile(id), overwrite: true);
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO files (id, owner, name, purpose, bytes, created_at)
            VALUES (@id, COALESCE((SELECT owner FROM files WHERE id = @trainingFile), ''), @name, @purpose, @bytes, @now)
            ON CONFLICT (id) DO NOTHING
            """,
            new
            {
                id,
                trainingFile,
                name,
                purpose = UploadedFile.Results,
                bytes = new FileInfo(data.UploadedFile(id)).Length,
                now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            }));
    }

    /// <summary>A key that may not train, or is for some assistants, sees its own files only: they belong to no assistant.</summary>
    private static string Seen(Caller caller) => caller.IsLimited || !caller.MayDo(Scopes.Train) ? "owner = @Owner" : "TRUE";

    /// <exception cref="OpenAiException">404: there is none that the caller sees.</exception>
    public UploadedFile Require(Caller caller, string id) =>
        database.Read(c => c.QueryFirstOrDefault<UploadedFile>($"{Select} WHERE id = @id AND {Seen(caller)}", new { id, caller.Owner }))
        ?? throw OpenAiException.NotFound("file", id);

    /// <summary>The lines of a file that are not blank, whosever it is.</summary>
    public IEnumerable<string> Rows(string id)
    {
        using var reader = new StreamReader(Open(Require(Caller.Local, id).Id));
        while (reader.ReadLine() is { } row)
            if (!string.IsNullOrWhiteSpace(row))
                yield return row;
    }

    public ListPage<UploadedFile> List(Caller caller, string? purpose, ListQuery page) => database.Read(c => ListPage<UploadedFile>.Of(
        [
            .. c.Query<UploadedFile>(
                $"""
                {Select} WHERE {Seen(caller)} AND (@purpose IS NULL OR purpose = @purpose) AND (@After IS NULL OR id < @After)
                ORDER BY id DESC LIMIT @limit
                """,
                new { caller.Owner, purpose, page.After, limit = page.Limit + 1 }),
        ],
        page.Limit, f => f.Id));

    public FileStream Open(string id) => new(data.UploadedFile(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>Notes which import its rows became.</summary>
    public Task NoteImportAsync(string id, string import) =>
        database.WriteAsync(c => c.Execute("UPDATE files SET import_id = @import WHERE id = @id", new { id, import }));

    /// <summary>Deletes a file; false when there is none. What was imported from it stays: that goes by its import.</summary>
    public async Task<bool> RemoveAsync(Caller caller, string id)
    {
        bool isThere = await database.WriteAsync(c => c.Execute(
            $"DELETE FROM files WHERE id = @id AND {Seen(caller)}", new { id, caller.Owner })) > 0;
        if (isThere)
        {
            File.Delete(data.UploadedFile(id));
            await database.EraseDeletedAsync(); // of a document the passages went with it
        }
        return isThere;
    }

    /// <summary>Within an erasure: takes the files that an import came from out of the database, and tells their ids.</summary>
    public static IReadOnlyList<string> Forget(DbConnection connection, string import) =>
        [.. connection.Query<string>("DELETE FROM files WHERE import_id = @import RETURNING id", new { import })];

    /// <summary>Deletes files without a record: a crash came before their end. Before anything can be uploaded.</summary>
    public void RemoveOrphans()
    {
        HashSet<string> known = database.Read(c => c.Query<string>("SELECT id FROM files").ToHashSet());
        foreach (string file in Directory.EnumerateFiles(data.Files).Where(file => !known.Contains(Path.GetFileName(file))))
            File.Delete(file);
    }

    private async Task<long> CopyAsync(Stream content, string path, CancellationToken cancellation)
    {
        await using FileStream file = PrivateFile.Open(path, FileMode.Create, FileShare.None);
        byte[] buffer = new byte[CopyBuffer];
        long bytes = 0;
        for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
        {
            bytes += read;
            if (bytes > MostBytes)
                throw OpenAiException.InvalidRequest(
                    $"The file is larger than {settings.MaxFileMegabytes} MB (Storage:MaxFileMegabytes). Split it.", "file", "file_too_large",
                    StatusCodes.Status413PayloadTooLarge);
            room.Require();
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        file.Flush(flushToDisk: true);
        return bytes;
    }
}
