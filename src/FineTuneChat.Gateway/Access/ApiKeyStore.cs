using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Access;

/// <summary>API keys: only their hashes are kept, so a key is shown once.</summary>
internal sealed class ApiKeyStore(Database database, TimeProvider time)
{
    private const string Prefix = "ftc";
    private const int SecretBytes = 32, IdBytes = 6;

    /// <summary>Makes a key. The answer is the only place where it is ever seen.</summary>
    public async Task<ApiKey> CreateAsync(string name, IReadOnlyList<string> scopes, IReadOnlyList<string>? assistants = null)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        string key = $"{Prefix}-{id}-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(c => c.Execute(
            "INSERT INTO api_keys (id, name, hash, scopes, assistants, created_at) VALUES (@id, @name, @hash, @json, @only, @now)",
            new { id, name, hash = Hash(key), json = StoredJson.Array(scopes), only = assistants is null ? null : StoredJson.Array(assistants), now }));
        return new ApiKey { Id = id, Name = name, Scopes = scopes, Assistants = assistants, CreatedAt = now / 1000, RevokedAt = null, Key = key };
    }

    /// <summary>The key that this text is; null when it is none, or revoked. How long it takes tells nothing of how near it came.</summary>
    public ApiKey? Find(string key)
    {
        string? id = IdOf(key);
        Row? row = database.Read(c => c.QueryFirstOrDefault<Row>("SELECT * FROM api_keys WHERE id = @id AND revoked_at IS NULL", new { id }));
        bool isSame = CryptographicOperations.FixedTimeEquals(Hash(key), row?.Hash ?? new byte[SHA256.HashSizeInBytes]);
        return isSame ? row?.ToKey() : null;
    }

    /// <summary>The part of a key that is no secret: its id. Null where the text has not the shape of a key.</summary>
    public static string? IdOf(string key) =>
        key.Split('-') is [Prefix, { Length: IdBytes * 2 } id, ..] && id.All(char.IsAsciiHexDigitLower) ? id : null;

    /// <summary>Newest first, revoked ones included.</summary>
    public IReadOnlyList<ApiKey> List() =>
        database.Read(c => c.Query<Row>("SELECT * FROM api_keys ORDER BY created_at DESC, id").Select(r => r.ToKey()).ToArray());

    /// <summary>Whether a key is there that can make others.</summary>
    public bool HasAdmin => List().Any(k => k.RevokedAt is null && k.Scopes.Contains(Scopes.Admin));

    /// <summary>Ends a key at once; null when there is no such key.</summary>
    public async Task<ApiKey?> RevokeAsync(string id)
    {
        await database.WriteAsync(c => c.Execute(
            "UPDATE api_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL", new { id, now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
        return List().FirstOrDefault(k => k.Id == id);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required byte[] Hash { get; init; }
        public required string Scopes { get; init; }
        public string? Assistants { get; init; }
        public required long CreatedAt { get; init; }
        public long? RevokedAt { get; init; }

        public ApiKey ToKey() => new()
        {
            Id = Id,
            Name = Name,
            Scopes = StoredJson.Texts(Scopes),
            Assistants = Assistants is null ? null : StoredJson.Texts(Assistants),
            CreatedAt = CreatedAt / 1000,
            RevokedAt = RevokedAt / 1000,
        };
    }
}
