using System.Reflection;
using Dapper;
using FineTuneChat.Protocol;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Storage.Sqlite;

/// <summary>Brings a SQLite file to the newest schema. Step N is the embedded file <c>Migrations/00N-….sql</c>; a released step never changes.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema that this program writes; kept in <c>PRAGMA user_version</c>.</summary>
    public static int Newest => Steps().Length;

    /// <summary>The schema of a database file.</summary>
    public static int VersionOf(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection.ExecuteScalar<int>("PRAGMA user_version");
    }

    /// <param name="connection">To the database.</param>
    /// <param name="upTo">The newest; an older one for tests of the steps from there.</param>
    /// <exception cref="UserException">The database was written by a newer program.</exception>
    public static void Apply(SqliteConnection connection, int? upTo = null)
    {
        string[] steps = Steps()[..(upTo ?? Newest)];
        int version = connection.ExecuteScalar<int>("PRAGMA user_version");
        if (version > steps.Length)
            throw new UserException(
                $"{connection.DataSource} has schema {version}, this program knows schemas up to {steps.Length}. "
                + "Use the newer FineTuneChat that wrote it, or another folder with --data DIR.");

        for (; version < steps.Length; version++)
        {
            // One transaction per step: a crash leaves the old schema or the new one.
            connection.Execute($"BEGIN IMMEDIATE; {Read(steps[version])}; PRAGMA user_version = {version + 1}; COMMIT;");
        }
    }

    private static string[] Steps() =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith("Migrations/Sqlite/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
