using System.Security.Cryptography;
using Dapper;

namespace FineTuneChat.Gateway.Storage;

/// <summary>Fingerprints of model files.</summary>
internal static class FileHash
{
    /// <summary>SHA-256 of what the file holds now, in lower-case hexadecimal.</summary>
    public static async Task<string> ComputeAsync(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }

    /// <summary>The same, read anew only when size or time of the file have changed: a start need not read gigabytes.</summary>
    public static async Task<string> OfAsync(string path, Database database)
    {
        var file = new FileInfo(path);
        var key = new { path, bytes = file.Length, modified = new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeMilliseconds() };
        string? known = database.Read(c => c.QueryFirstOrDefault<string>(
            "SELECT sha256 FROM model_hashes WHERE path = @path AND bytes = @bytes AND modified_at = @modified", key));
        if (known is not null)
            return known;
        string hash = await ComputeAsync(path);
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO model_hashes (path, bytes, modified_at, sha256) VALUES (@path, @bytes, @modified, @hash)
            ON CONFLICT (path) DO UPDATE SET bytes = @bytes, modified_at = @modified, sha256 = @hash
            """,
            new { key.path, key.bytes, key.modified, hash }));
        return hash;
    }
}
