using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Documents.Chat;

/// <summary>A passage with its neighbours.</summary>
internal sealed record PassageView
{
    public required long Id { get; init; }
    public string Object => "passage";
    public required string FileId { get; init; }
    public required string Filename { get; init; }
    public required string Heading { get; init; }
    public required string Place { get; init; }
    public required int First { get; init; }
    public required int Last { get; init; }
    public required string Text { get; init; }

    /// <summary>What stands before it; null at the document's beginning.</summary>
    public required string? Before { get; init; }

    /// <summary>What stands after it; null at its end.</summary>
    public required string? After { get; init; }
}

/// <summary>Reads passages for those who see their collection, or may ask an assistant that looks things up in it.</summary>
internal sealed class PassageReader(Database database, AssistantRegistry assistants)
{
    public PassageView? Find(Caller caller, long id) => database.Read(c => c.QueryFirstOrDefault<PassageView>(
        $"""
        SELECT c.id, f.file_id, c.name AS filename, c.heading, c.place, c.first, c.last, c.text,
               (SELECT text FROM document_chunks WHERE entry = c.entry AND number = c.number - 1) AS before,
               (SELECT text FROM document_chunks WHERE entry = c.entry AND number = c.number + 1) AS after
        FROM document_chunks c JOIN vector_store_files f ON f.id = c.entry JOIN vector_stores s ON s.id = f.store_id
        WHERE c.id = @id AND ({caller.Sees("s.owner")} OR s.id IN (SELECT value FROM json_each(@shared)))
        """,
        new { id, caller.Owner, shared = StoredJson.Array(assistants.SeenBy(caller).SelectMany(a => a.Settings.VectorStores)) }));
}
