using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Dapper;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.TestSupport;
using Npgsql;

namespace FineTuneChat.Tests.Support;

/// <summary>
/// A real PostgreSQL of this test run's own, started by the first test that needs it: it listens on a socket in its folder only, and ends with this process,
/// however that ends. Each database is a copy of one that has the schema.
/// </summary>
internal sealed class PostgresCluster
{
    private const string Owner = "postgres", Template = "finetunechat_template", Port = "54321";
    private static readonly Lazy<PostgresCluster> _cluster = new(() => new PostgresCluster());
    private static readonly ConcurrentDictionary<string, string> _ofFolders = new();
    private static int _databases;

    private readonly string _folder = Directory.CreateTempSubdirectory("ftc-pg-").FullName;

    private PostgresCluster()
    {
        // PostgreSQL does not run as root. `cat` ends when this process does: its end of the pipe is closed then.
        string script =
            $"""
            as() {"{"} if [ "$(id -u)" = 0 ]; then setpriv --reuid={Owner} --regid={Owner} --clear-groups "$@"; else "$@"; fi; {"}"}
            cd '{_folder}'
            [ "$(id -u)" != 0 ] || chown {Owner} .
            as '{Binaries}/initdb' -D data -A trust -U {Owner} -E UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 || exit 1
            as '{Binaries}/postgres' -D data -p {Port} -k '{_folder}' -c listen_addresses= -c fsync=off -c shared_buffers=16MB >>log 2>&1 &
            cat >/dev/null
            as '{Binaries}/pg_ctl' -D data -m immediate -w stop >/dev/null 2>&1
            rm -rf '{_folder}'
            """;
        Server = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true })!;
    }

    private Process Server { get; }

    /// <summary>Why there is no PostgreSQL; null: it can be started.</summary>
    public static string? Reason => OperatingSystem.IsWindows() ? "Runs where PostgreSQL's programs can be started as a user: on Linux and macOS."
        : Binaries is null ? "PostgreSQL is not installed (Debian: apt-get install postgresql)." : null;

    /// <summary>Its programs, the newest where there are several.</summary>
    private static string? Binaries => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
            .OrderByDescending(version => int.Parse(Path.GetFileName(version), CultureInfo.InvariantCulture)).Select(version => Path.Combine(version, "bin"))
            .FirstOrDefault()
        : null;

    /// <summary>The connection string of a new database with the newest schema.</summary>
    public static string NewDatabase(bool hasSchema = true) => _cluster.Value.New(hasSchema);

    /// <summary>The same, one for each data folder.</summary>
    public static string DatabaseOf(string folder) => _ofFolders.GetOrAdd(folder, _ => NewDatabase());

    private string New(bool hasSchema)
    {
        lock (_cluster)
        {
            if (_databases == 0)
                MakeTemplate();
            string name = $"test_{++_databases}";
            using var connection = new NpgsqlConnection(ConnectionString("postgres"));
            connection.Open();
            connection.Execute($"CREATE DATABASE {name} TEMPLATE {(hasSchema ? Template : "template0")}");
            return ConnectionString(name);
        }
    }

    private void MakeTemplate()
    {
        Eventually.TrueAsync(() =>
        {
            Assert.False(Server.HasExited, "PostgreSQL did not start.");
            try
            {
                using var first = new NpgsqlConnection(ConnectionString("postgres"));
                first.Open();
                return Task.FromResult(true);
            }
            catch (NpgsqlException) // it is starting
            {
                return Task.FromResult(false);
            }
        }).GetAwaiter().GetResult();
        using (var connection = new NpgsqlConnection(ConnectionString("postgres")))
            connection.Execute($"CREATE DATABASE {Template} TEMPLATE template0");
        new PostgresDatabase(ConnectionString(Template)).DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // Without a pool of its own for each database the connections of all tests together stay few.
    private string ConnectionString(string database) =>
        $"Host={_folder};Port={Port};Username={Owner};Database={database};Pooling={database != Template};Maximum Pool Size=8;"
        + "Connection Idle Lifetime=5;Connection Pruning Interval=1";
}

/// <summary>A test on PostgreSQL; where it is not installed, it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresCluster.Reason;
}
