using Dapper;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

[Trait(Tier.Name, Tier.Slow)]
public sealed class PostgresDatabaseTests
{
    [PostgresFact]
    public async Task Both_schemas_have_the_same_number_tables_and_columns()
    {
        using var folder = new TemporaryFolder();
        await using var sqlite = new SqliteDatabase(folder["a.db"]);
        await using var postgres = new PostgresDatabase(PostgresCluster.NewDatabase());
        Assert.Equal(SqliteSchema.Newest, PostgresSchema.Newest);
        string[] ours = [.. sqlite.Read(c => c.Query<string>(
            """
            SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '%_search%'
            """)).Order(StringComparer.Ordinal)];
        string[] theirs = [.. postgres.Read(c => c.Query<string>(
            """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND column_name <> 'rowid' AND table_name <> 'schema_version'
            """)).Order(StringComparer.Ordinal)];
        Assert.Equal(ours, theirs);
    }

    [PostgresFact]
    public async Task A_failed_write_leaves_nothing_and_others_arrive_in_order()
    {
        await using var database = new PostgresDatabase(PostgresCluster.NewDatabase());
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(c =>
        {
            c.Execute("INSERT INTO assistants (name) VALUES ('lost')");
            throw new InvalidOperationException();
        }));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES (@i)", new { i = i.ToString("000") }))));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => i.ToString("000")), database.Read(c => c.Query<string>("SELECT name FROM assistants ORDER BY rowid")));
        Assert.Empty(await database.CheckAsync());
        Assert.True(database.Size() > 0);
    }

    [PostgresFact]
    public async Task Several_that_begin_at_once_make_one_schema_and_their_writes_do_not_mix()
    {
        string empty = PostgresCluster.NewDatabase(hasSchema: false);
        PostgresDatabase[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new PostgresDatabase(empty))));
        Assert.Single(all, database => database.IsNew);
        await all[0].WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES ('a')"));
        await Task.WhenAll(all.SelectMany(database => Enumerable.Range(0, 25).Select(_ => database.WriteAsync(c => // reads, then writes what it has read
            c.Execute("UPDATE assistants SET active_version = @next", new { next = c.ExecuteScalar<long>("SELECT active_version FROM assistants") + 1 })))));
        Assert.Equal(100, all[0].Read(c => c.ExecuteScalar<int>("SELECT active_version FROM assistants")));
        foreach (PostgresDatabase database in all)
            await database.DisposeAsync();
    }

    [PostgresFact]
    public async Task One_gateway_serves_a_database_and_verbs_may_work_beside_it()
    {
        string connection = PostgresCluster.NewDatabase();
        await using (new PostgresDatabase(connection, isServer: true))
        {
            Assert.Contains("Another gateway", Assert.Throws<UserException>(() => new PostgresDatabase(connection, isServer: true)).Message);
            await using var verb = new PostgresDatabase(connection);
        }
        await using var again = new PostgresDatabase(connection, isServer: true);
    }

    [PostgresFact]
    public async Task Lost_connections_are_taken_up_anew()
    {
        const string Cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        string connection = PostgresCluster.NewDatabase();
        await using var database = new PostgresDatabase(connection, isServer: true);
        await using var other = new PostgresDatabase(connection);
        database.Read(c => c.ExecuteScalar<int>("SELECT 1"));
        Assert.True(other.Read(c => c.ExecuteScalar<int>(Cut)) > 0);
        await database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES ('a')"));
        Assert.Equal("a", database.Read(c => c.QuerySingle<string>("SELECT name FROM assistants")));
        Assert.Contains("Another gateway", Assert.Throws<UserException>(() => new PostgresDatabase(connection, isServer: true)).Message); // the lock is back
    }

    [PostgresFact]
    public async Task What_cannot_be_stored_or_reached_is_said()
    {
        string connection = PostgresCluster.NewDatabase();
        await using var database = new PostgresDatabase(connection);
        OpenAiException nul = await Assert.ThrowsAsync<OpenAiException>(() =>
            database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES (@name)", new { name = "a\0b" })));
        Assert.Equal((400, true), (nul.Status, nul.Message.Contains("NUL")));

        await database.WriteAsync(c => c.Execute("UPDATE schema_version SET version = 999"));
        Assert.Contains("999", Assert.Throws<UserException>(() => new PostgresDatabase(connection)).Message);
        Assert.Contains("Storage:ConnectionString", Assert.Throws<UserException>(() => new PostgresDatabase("")).Message);
        Assert.Contains("Storage:ConnectionString", Assert.Throws<UserException>(() => new PostgresDatabase("Hostt=x")).Message);
        string nobody = Assert.Throws<UserException>(() => new PostgresDatabase("Host=127.0.0.1;Port=1;Database=a;Username=b;Password=secret")).Message;
        Assert.Contains("PostgreSQL database 'a' at 127.0.0.1:1", nobody);
        Assert.DoesNotContain("secret", nobody);
    }
}
