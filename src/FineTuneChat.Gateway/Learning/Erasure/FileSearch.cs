using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Looks for erased texts in every file of the data folder and in backups. What other conversations and documents still say, and what the base itself said
/// to general questions, is not what was erased.
/// </summary>
internal sealed class FileSearch(DataFolder data, Database database)
{
    public SearchedFiles Search(IReadOnlyCollection<TextFingerprint> texts, CancellationToken cancellation)
    {
        var search = new TextSearch(texts);
        int files = 0;
        long bytes = 0;
        List<string> found = [], elsewhere = [], unread = [];
        foreach (string file in Files())
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                (IReadOnlyList<byte[]> pieces, long length) = Look(search, file);
                (files, bytes) = (files + 1, bytes + length);
                if (pieces.Count == 0)
                    continue;
                bool isOurs = file.StartsWith(data.References, StringComparison.Ordinal) || pieces.All(IsStillSaid);
                (isOurs ? elsewhere : found).Add(Name(file));
            }
            catch (FileNotFoundException)
            {
                // removed meanwhile
            }
            catch (DirectoryNotFoundException)
            {
                // likewise
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unread.Add(Name(file));
            }
        }
        foreach (string table in database.SearchedTables)
        {
            cancellation.ThrowIfCancellationRequested();
            using Stream content = database.OpenTable(table);
            (IReadOnlyList<byte[]> pieces, long length) = search.Look((into, _) => content.Read(into));
            bytes += length;
            if (pieces.Count > 0)
                (pieces.All(IsStillSaid) ? elsewhere : found).Add($"table {table}");
        }
        return new SearchedFiles { Texts = texts.Count, Files = files, Bytes = bytes, Found = found, Elsewhere = elsewhere, Unread = unread };
    }

    private IEnumerable<string> Files()
    {
        string[] ours = [.. Directory.EnumerateFiles(data.Root, "*", SearchOption.AllDirectories)];
        // The first is empty; the second is an index of the log without any text, with SQLite's locks.
        string[] without = [Path.Combine(data.Root, DataFolder.LockName), $"{data.Database}-shm"];
        return ours.Concat(database.Backups()).Except(without).Distinct().Order(StringComparer.Ordinal);
    }

    private (IReadOnlyList<byte[]> Found, long Bytes) Look(TextSearch search, string file)
    {
        if (file == data.Database && database.FileBytes is { } open)
            return search.Look((into, offset) => RandomAccess.Read(open, into, offset));
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle =
            File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        return search.Look((into, offset) => RandomAccess.Read(handle, into, offset));
    }

    /// <summary>Below the data folder, or the whole path of a backup elsewhere.</summary>
    private string Name(string file) => file.StartsWith(data.Root, StringComparison.Ordinal) ? Path.GetRelativePath(data.Root, file) : file;

    private bool IsStillSaid(byte[] piece)
    {
        string text = Encoding.UTF8.GetString(piece);
        return database.Read(c => TextFingerprint.Forms(Unescaped(text)).Append(text).Any(form => IsStillSaid(c, form)));
    }

    private static bool IsStillSaid(DbConnection connection, string text) => connection.ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM messages WHERE instr(message, @text) > 0) OR EXISTS (SELECT 1 FROM examples WHERE instr(messages, @text) > 0)
            OR EXISTS (SELECT 1 FROM ratings WHERE instr(COALESCE(correction, '') || COALESCE(comment, ''), @text) > 0)
            OR EXISTS (SELECT 1 FROM rewordings WHERE instr(text, @text) > 0 OR instr(question, @text) > 0)
            OR EXISTS (SELECT 1 FROM taught_examples WHERE instr(COALESCE(writes, '') || COALESCE(otherwise, ''), @text) > 0)
            OR EXISTS (SELECT 1 FROM conversations WHERE instr(title, @text) > 0) OR EXISTS (SELECT 1 FROM presets WHERE instr(system, @text) > 0)
            OR EXISTS (SELECT 1 FROM prompts WHERE instr(text, @text) > 0) OR EXISTS (SELECT 1 FROM document_chunks WHERE instr(text, @text) > 0)
            OR EXISTS (SELECT 1 FROM synthetic_rows WHERE instr(question, @text) > 0 OR instr(answer, @text) > 0 OR instr(COALESCE(reply, ''), @text) > 0)
        """,
        new { text });

    private static string Unescaped(string text)
    {
        try
        {
            return JsonElement.Parse($"\"{text}\"").GetString()!;
        }
        catch (JsonException) // as it is, or cut within an escape
        {
            return text;
        }
    }
}

/// <summary>What a search of all files for erased texts said.</summary>
internal sealed record SearchedFiles
{
    /// <summary>Pieces of texts that were looked for; shorter ones than 8 bytes are not.</summary>
    public required int Texts { get; init; }
    public required int Files { get; init; }
    public required long Bytes { get; init; }

    /// <summary>Files in which something of what was erased still stands.</summary>
    public required IReadOnlyList<string> Found { get; init; }

    /// <summary>Files that have the same words for another reason: another conversation, or a document, says them, too.</summary>
    public required IReadOnlyList<string> Elsewhere { get; init; }

    /// <summary>Files that could not be read.</summary>
    public required IReadOnlyList<string> Unread { get; init; }
}
