using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Dapper;
using FineTuneChat.Documents.Chunks;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>A file of a collection that waits to be read.</summary>
internal sealed record WaitingFile(long Id, string FileId, string Name);

/// <summary>The passages of all documents, with their vectors.</summary>
internal sealed class ChunkStore(Database database)
{
    private const int Batch = 200; // in one transaction: chats that end meanwhile wait for no more

    public WaitingFile? NextWaiting() => database.Read(c => c.QueryFirstOrDefault<WaitingFile>(
        """
        SELECT f.id, f.file_id, u.name FROM vector_store_files f JOIN files u ON u.id = f.file_id
        WHERE f.status = 'in_progress' ORDER BY f.id LIMIT 1
        """));

    /// <summary>Keeps the passages of a file, which can be found from then on.</summary>
    public async Task KeepAsync(WaitingFile file, IReadOnlyList<Chunk> chunks)
    {
        await database.WriteAsync(c => c.Execute("DELETE FROM document_chunks WHERE entry = @Id", file)); // of a reading that a crash has ended
        for (int start = 0; start < chunks.Count; start += Batch)
            await database.WriteAsync(c => c.Execute(
                """
                INSERT INTO document_chunks (entry, number, name, heading, text, place, first, last)
                SELECT @Id, @number, @Name, @Heading, @Text, @place, @first, @last WHERE EXISTS (SELECT 1 FROM vector_store_files WHERE id = @Id)
                """,
                chunks.Skip(start).Take(Batch).Select((chunk, i) => new
                {
                    file.Id,
                    number = start + i,
                    file.Name,
                    Heading = chunk.Heading.Replace('\0', ' '),
                    Text = chunk.Text.Replace('\0', ' '), // which no text of PostgreSQL may have
                    place = chunk.From.Kind.ToString().ToLowerInvariant(),
                    first = chunk.From.Number,
                    last = chunk.To.Number,
                })));
        await database.WriteAsync(c => c.Execute(
            "UPDATE vector_store_files SET status = 'completed', bytes = @bytes WHERE id = @Id",
            new { file.Id, bytes = chunks.Sum(chunk => Encoding.UTF8.GetByteCount(chunk.Text)) }));
    }

    public Task FailAsync(WaitingFile file, string error) => database.WriteAsync(c => c.Execute(
        "UPDATE vector_store_files SET status = 'failed', error = @error WHERE id = @Id", new { file.Id, error }));

    /// <summary>Lets go of vectors that another model has made: they cannot be compared.</summary>
    public Task ForgetOthersAsync(string model) => database.WriteAsync(c => c.Execute(
        "UPDATE document_chunks SET vector = NULL, vector_model = NULL WHERE vector_model <> @model", new { model }));

    /// <summary>Passages without a vector, in the order in which they came.</summary>
    public IReadOnlyList<(long Id, string Text)> WithoutVector(int most) => database.Read(c => c.Query<(long, string)>(
        """
        SELECT id, CASE WHEN heading = '' THEN text ELSE heading || @line || text END FROM document_chunks
        WHERE vector IS NULL ORDER BY id LIMIT @most
        """,
        new { most, line = "\n" }).ToArray());

    public Task KeepVectorsAsync(string model, IEnumerable<(long Id, float[] Vector)> vectors) => database.WriteAsync(c => c.Execute(
        "UPDATE document_chunks SET vector = @bytes, vector_model = @model WHERE id = @Id",
        vectors.Select(v => new { v.Id, model, bytes = ToBytes(v.Vector) })));

    /// <summary>The vectors of a collection that are newer than the last one known.</summary>
    public IReadOnlyList<StoredVector> Vectors(string store, string model, long after) => database.Read(c => c.Query<StoredVector>(
        """
        SELECT c.id, c.entry, c.vector FROM document_chunks c JOIN vector_store_files f ON f.id = c.entry
        WHERE f.store_id = @store AND c.id > @after AND c.vector_model = @model ORDER BY c.id
        """,
        new { store, model, after }).ToArray());

    private static byte[] ToBytes(float[] vector)
    {
        var halves = new Half[vector.Length];
        TensorPrimitives.ConvertToHalf(vector, halves);
        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }
}

/// <summary>A passage's vector as it is kept.</summary>
internal sealed class StoredVector
{
    public required long Id { get; init; }
    public required long Entry { get; init; }
    public required byte[] Vector { get; init; }

    public int Dimensions => Vector.Length / 2;

    public void CopyTo(Span<float> floats) => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(Vector), floats);
}
