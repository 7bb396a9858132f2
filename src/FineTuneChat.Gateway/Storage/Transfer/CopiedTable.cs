using System.Globalization;
using Dapper;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace FineTuneChat.Gateway.Storage.Transfer;

/// <summary>A table as PostgreSQL describes it; SQLite's of the same name has the same columns.</summary>
internal sealed record CopiedTable
{
    public required string Name { get; init; }
    public required IReadOnlyList<CopiedColumn> Columns { get; init; }

    /// <summary>By what rows of both databases are put in the same order.</summary>
    public required string Order { get; init; }

    /// <summary>Columns that PostgreSQL numbers.</summary>
    public required IReadOnlyList<string> Identities { get; init; }

    public string ColumnList => string.Join(", ", Columns.Select(column => column.Name));

    public string Select => $"SELECT {ColumnList} FROM {Name} ORDER BY {Order}";

    public static IReadOnlyList<CopiedTable> All(NpgsqlConnection postgres)
    {
        ILookup<string, (string Table, string Name, string Type, bool IsIdentity, long? KeyPlace)> columns = postgres
            .Query<(string, string, string, bool, long?)>(
            """
            SELECT c.table_name::TEXT, c.column_name::TEXT, c.data_type::TEXT, c.is_identity = 'YES',
                   CAST(array_position(k.indkey::INT2[], c.ordinal_position::INT2) AS BIGINT)
            FROM information_schema.columns c
            LEFT JOIN pg_index k ON k.indisprimary AND k.indrelid = c.table_name::regclass
            WHERE c.table_schema = current_schema() AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position
            """).ToLookup<(string Table, string Name, string Type, bool IsIdentity, long? KeyPlace), string>(column => column.Table);
        return
        [
            .. PostgresSchema.Tables(postgres).Select(table => new CopiedTable
            {
                Name = table,
                Columns = [.. columns[table].Select(column => new CopiedColumn(column.Name, column.Type))],
                Order = string.Join(", ", columns[table].Where(column => column.KeyPlace is not null).OrderBy(column => column.KeyPlace)
                    .DefaultIfEmpty().SelectMany(key => key.Name is null ? columns[table].Select(column => column.Name) : [key.Name])
                    .Select(name => $"{name} NULLS FIRST")),
                Identities = [.. columns[table].Where(column => column.IsIdentity).Select(column => column.Name)],
            }),
        ];
    }
}

/// <summary>A column, with PostgreSQL's name of its type.</summary>
internal sealed record CopiedColumn(string Name, string Type)
{
    public NpgsqlDbType DbType => Type switch
    {
        "bigint" => NpgsqlDbType.Bigint,
        "boolean" => NpgsqlDbType.Boolean,
        "double precision" => NpgsqlDbType.Double,
        "bytea" => NpgsqlDbType.Bytea,
        _ => NpgsqlDbType.Text,
    };

    /// <summary>A value of either database as PostgreSQL has it.</summary>
    /// <exception cref="UserException">A text that PostgreSQL cannot hold.</exception>
    public object Read(object value, CopiedTable table) => DbType switch
    {
        NpgsqlDbType.Bigint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        NpgsqlDbType.Boolean => Convert.ToBoolean(value, CultureInfo.InvariantCulture),
        NpgsqlDbType.Double => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        NpgsqlDbType.Bytea => value,
        _ when value is string text && text.Contains('\0') => throw new UserException(
            $"The column {Name} of {table.Name} has a text with a NUL, which PostgreSQL cannot hold: {text[..Math.Min(text.Length, 60)].Replace("\0", "\\0")}. "
            + "Change or delete it on SQLite first."),
        _ => value,
    };
}
