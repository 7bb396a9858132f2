using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Dapper;
using FineTuneChat.Protocol;
using Npgsql;

namespace FineTuneChat.Gateway.Storage.Postgres;

/// <summary>
/// Brings a PostgreSQL database to the newest schema. The first step makes at once what SQLite's steps up to the same number make: no older database of this
/// kind has ever been. From there each step has the number of SQLite's.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>Held by the gateway that serves a database; a step that changes one waits for none, it is refused.</summary>
    public const long GatewayLock = 0x46544332; // "FTC2"

    private const long SchemaLock = 0x46544333;
    private const string Prefix = "Migrations/Postgres/";

    /// <summary>The schema that this program writes; kept in the table <c>schema_version</c>.</summary>
    public static int Newest => Steps()[^1].Number;

    /// <summary>All tables that hold something, without that of the version.</summary>
    public static IReadOnlyList<string> Tables(DbConnection connection) => [.. connection.Query<string>(
        "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_version' ORDER BY tablename")];

    /// <summary>Whether there was nothing there. Of several that begin at once one does it, the others wait.</summary>
    /// <exception cref="UserException">The database was written by a newer program, is not this program's, or a gateway of an older one runs on it.</exception>
    public static bool Apply(NpgsqlConnection connection, string name)
    {
        using NpgsqlTransaction transaction = connection.BeginTransaction();
        connection.Execute("SELECT pg_advisory_xact_lock(@SchemaLock)", new { SchemaLock });
        Require(connection, name);
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
        int version = connection.ExecuteScalar<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version");
        if (version > Newest)
            throw new UserException(
                $"The {name} has schema {version}, this program knows schemas up to {Newest}. Use the newer FineTuneChat that wrote it, or another database.");
        if (version == Newest)
            return false;
        if (!connection.ExecuteScalar<bool>("SELECT pg_try_advisory_xact_lock(@GatewayLock)", new { GatewayLock }))
            throw new UserException($"A running gateway of another version uses the {name}. Stop it first.");
        foreach ((int number, string resource) in Steps().Where(step => step.Number > version))
            connection.Execute(Read(resource));
        connection.Execute("DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES (@Newest)", new { Newest });
        transaction.Commit();
        return version == 0;
    }

    private static void Require(NpgsqlConnection connection, string name)
    {
        const int Oldest = 14; // functions whose bodies are bound when they are made
        if (connection.PostgreSqlVersion.Major < Oldest)
            throw new UserException($"The {name} is of PostgreSQL {connection.PostgreSqlVersion}; {Oldest} or newer is needed.");
        if (connection.ExecuteScalar<string>("SHOW server_encoding") is var encoding && encoding != "UTF8")
            throw new UserException($"The {name} has the encoding {encoding}. Make one with UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.");
        if (connection.ExecuteScalar<bool>("SELECT to_regclass('schema_version') IS NULL AND to_regclass('conversations') IS NOT NULL"))
            throw new UserException($"The {name} holds tables of something else. Give FineTuneChat a database, or a schema (Search Path=…), of its own.");
    }

    private static (int Number, string Resource)[] Steps() =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(n => (int.Parse(n.AsSpan(Prefix.Length, 3), CultureInfo.InvariantCulture), n)),
    ];

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
