using System.Data.Common;
using Npgsql;

namespace FineTuneChat.Gateway.Storage.Transfer;

/// <summary>Writes rows into a table of the target.</summary>
internal interface IRowWriter : IDisposable
{
    void Write(object?[] row);

    /// <summary>All rows were written.</summary>
    void Complete();
}

/// <summary>By PostgreSQL's COPY.</summary>
internal sealed class PostgresRowWriter(NpgsqlConnection connection, CopiedTable table) : IRowWriter
{
    private readonly NpgsqlBinaryImporter _import = connection.BeginBinaryImport($"COPY {table.Name} ({table.ColumnList}) FROM STDIN (FORMAT BINARY)");

    public void Write(object?[] row)
    {
        _import.StartRow();
        for (int i = 0; i < row.Length; i++)
            if (row[i] is { } value)
                _import.Write(value, table.Columns[i].DbType);
            else
                _import.WriteNull();
    }

    public void Complete() => _import.Complete();

    public void Dispose() => _import.Dispose();
}

/// <summary>By one prepared INSERT.</summary>
internal sealed class SqliteRowWriter : IRowWriter
{
    private readonly DbCommand _insert;

    public SqliteRowWriter(DbConnection connection, CopiedTable table)
    {
        _insert = connection.CreateCommand();
        _insert.CommandText = $"INSERT INTO {table.Name} ({table.ColumnList}) VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"))})";
        foreach (int i in Enumerable.Range(0, table.Columns.Count))
        {
            DbParameter parameter = _insert.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            _insert.Parameters.Add(parameter);
        }
    }

    public void Write(object?[] row)
    {
        for (int i = 0; i < row.Length; i++)
            _insert.Parameters[i].Value = row[i] ?? DBNull.Value;
        _insert.ExecuteNonQuery();
    }

    public void Complete()
    {
        // each row is written when it comes
    }

    public void Dispose() => _insert.Dispose();
}
