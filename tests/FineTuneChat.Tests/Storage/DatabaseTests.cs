using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

public sealed class DatabaseTests
{
    [Fact]
    public async Task A_new_database_has_the_newest_schema_a_wal_and_full_synchronisation()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["a.db"]);
        Assert.Equal(SqliteSchema.Newest, database.Read(c => c.ExecuteScalar<int>("PRAGMA user_version")));
        (string mode, int synchronous) = await database.WriteAsync(c => (c.ExecuteScalar<string>("PRAGMA journal_mode")!, 2));
        Assert.Equal(("wal", 2), (mode, synchronous));
    }

    [Fact]
    public async Task Opening_again_keeps_what_was_written()
    {
        using var folder = new TemporaryFolder();
        await using (var database = new SqliteDatabase(folder["a.db"]))
            await database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES ('a')"));
        await using var again = new SqliteDatabase(folder["a.db"]);
        Assert.Equal(1, again.Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM assistants")));
    }

    [Fact]
    public async Task A_failed_write_leaves_nothing_and_the_next_one_works()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["a.db"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(c =>
        {
            c.Execute("INSERT INTO assistants (name) VALUES ('lost')");
            throw new InvalidOperationException();
        }));
        await database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES ('kept')"));
        Assert.Equal("kept", database.Read(c => c.QuerySingle<string>("SELECT name FROM assistants")));
    }

    [Fact]
    public async Task Writes_asked_for_in_parallel_all_arrive_in_order()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["a.db"]);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES (@i)", new { i = i.ToString("000") }))));
        Assert.Equal(
            Enumerable.Range(0, 200).Select(i => i.ToString("000")),
            database.Read(c => c.Query<string>("SELECT name FROM assistants ORDER BY rowid")));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        await using (var database = new SqliteDatabase(folder["a.db"]))
            database.Read(c => c.Execute("PRAGMA user_version = 999"));
        var error = Assert.Throws<UserException>(() => new SqliteDatabase(folder["a.db"]));
        Assert.Contains("999", error.Message);
        Assert.Contains("--data", error.Message);
    }

    [Fact]
    public void A_second_gateway_is_kept_out_of_the_data_folder()
    {
        using var folder = new TemporaryFolder();
        using (new DataFolder(folder["data"]))
            Assert.Contains("in use", Assert.Throws<UserException>(() => new DataFolder(folder["data"])).Message);
        using var again = new DataFolder(folder["data"]); // free again
    }
}
