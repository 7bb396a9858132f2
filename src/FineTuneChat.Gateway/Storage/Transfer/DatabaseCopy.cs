using System.Data;
using System.Data.Common;
using Dapper;
using FineTuneChat.Protocol;
using Npgsql;

namespace FineTuneChat.Gateway.Storage.Transfer;

/// <summary>
/// Copies a SQLite database into an empty PostgreSQL one, or back, and compares both row by row before anything of it counts: all in one transaction of the
/// target, while nobody else writes to either.
/// </summary>
/// <param name="from">What is copied.</param>
/// <param name="to">Has the schema and no rows.</param>
/// <param name="progress">Told of each table before it is copied.</param>
internal sealed class DatabaseCopy(Database from, Database to, Action<string> progress)
{
    private const string Counted = "recall_changes"; // triggers count what is copied: what the source has counted comes last

    /// <summary>How many rows were copied.</summary>
    /// <exception cref="UserException">The target is not empty, a text cannot be stored there, or a row arrived otherwise than it was.</exception>
    public Task<long> RunAsync() => from.WriteAsync(source => to.WriteAsync(target => Copy(source, target)).GetAwaiter().GetResult());

    private long Copy(DbConnection source, DbConnection target)
    {
        CopiedTable[] tables = [.. CopiedTable.All((NpgsqlConnection)(source as NpgsqlConnection ?? target)).OrderBy(table => table.Name == Counted)];
        RequireEmpty(tables, target);
        target.Execute(target is NpgsqlConnection ? "SET CONSTRAINTS ALL DEFERRED" : "PRAGMA defer_foreign_keys = ON"); // rows of a table name each other

        long rows = 0;
        foreach (CopiedTable table in tables)
        {
            progress(table.Name);
            if (table.Name == Counted)
                target.Execute($"DELETE FROM {Counted}");
            rows += Copy(table, source, target);
        }
        foreach (CopiedTable table in tables)
            Compare(table, source, target);
        return rows;
    }

    private void RequireEmpty(IEnumerable<CopiedTable> tables, DbConnection target)
    {
        if (tables.FirstOrDefault(table => target.ExecuteScalar<bool>($"SELECT EXISTS (SELECT 1 FROM {table.Name})")) is { } full)
            throw new UserException($"The target, {to.Name}, is not empty: there are {full.Name}. Choose a new database; nothing was changed.");
    }

    private long Copy(CopiedTable table, DbConnection source, DbConnection target)
    {
        long rows = 0;
        using (IDataReader reader = Read(source, table))
        using (IRowWriter writer = target is NpgsqlConnection postgres ? new PostgresRowWriter(postgres, table) : new SqliteRowWriter(target, table))
        {
            for (; reader.Read(); rows++)
                writer.Write(Row(reader, table));
            writer.Complete();
        }
        if (target is NpgsqlConnection)
            foreach (string column in table.Identities)
                target.Execute($"SELECT setval(pg_get_serial_sequence('{table.Name}', '{column}'), MAX({column})) FROM {table.Name} HAVING COUNT(*) > 0");
        return rows;
    }

    private static void Compare(CopiedTable table, DbConnection source, DbConnection target)
    {
        using IDataReader one = Read(source, table), other = Read(target, table);
        for (long row = 1; ; row++)
        {
            bool isThere = one.Read();
            if (isThere != other.Read() || (isThere && !RowHash.Of(Row(one, table)).SequenceEqual(RowHash.Of(Row(other, table)))))
                throw new UserException($"Row {row} of {table.Name}, in the order of {table.Order}, is not the same in both databases. Nothing was changed.");
            if (!isThere)
                return;
        }
    }

    private static IDataReader Read(DbConnection connection, CopiedTable table) =>
        connection.ExecuteReader(table.Select, commandTimeout: 0); // a table may be large

    private static object?[] Row(IDataReader reader, CopiedTable table) =>
        [.. table.Columns.Select((column, i) => reader.IsDBNull(i) ? null : column.Read(reader.GetValue(i), table))];
}
