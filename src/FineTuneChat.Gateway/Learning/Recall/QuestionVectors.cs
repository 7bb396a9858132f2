using System.Data.Common;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>
/// What the questions of examples mean: computed soon after somebody has rated, kept in the database with the example, and gone with it. Then the index is
/// made anew, so that no chat has to wait for that.
/// </summary>
internal sealed class QuestionVectors(
    Database database, RecallStore store, AssistantRegistry assistants, ITextEmbedder embedder, EmbedderProcess process, RecallSettings settings)
    : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30); // for what came another way than by a rating: edits, other words

    private readonly SemaphoreSlim _rated = new(0);

    /// <summary>Somebody has rated.</summary>
    public void Wake() => _rated.Release();

    /// <summary>By example and <see cref="HashOf"/> of the wording.</summary>
    public static Dictionary<(string Example, string Wording), float[]> Of(DbConnection connection, string assistant, string model) =>
        connection.Query<(string Example, byte[] Wording, byte[] Vector)>(
            """
            SELECT v.example_id, v.wording, v.vector FROM question_vectors v JOIN examples e ON e.id = v.example_id
            WHERE e.assistant = @assistant AND v.model = @model
            """,
            new { assistant, model }).ToDictionary(v => (v.Example, Convert.ToHexString(v.Wording)), v => MemoryMarshal.Cast<byte, float>(v.Vector).ToArray());

    public static string HashOf(string wording) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(wording)));

    /// <summary>Computes what is missing. Nothing is lost where that cannot be done now: it is still missing the next time.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        foreach (Assistant assistant in assistants.All.Where(a => a.Problem is null))
        {
            foreach ((string Id, string Question)[] part in store.Index(assistant.Id).Unknown.Chunk(AtOnce))
            {
                if (!process.IsOffered || await embedder.EmbedAsync([.. part.Select(p => p.Question)], cancellation) is not { } vectors)
                    break;
                await KeepAsync(part, vectors);
            }
            store.Index(assistant.Id);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (settings.Recall && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(stoppingToken);
            }
            catch (OpenAiException)
            {
                // the database cannot be read or written now: a chat says so
            }
            await _rated.WaitAsync(LookInterval, stoppingToken);
        }
    }

    private Task KeepAsync((string Id, string Question)[] wordings, float[][] vectors) => database.WriteAsync(connection => connection.Execute(
        """
        INSERT INTO question_vectors (example_id, model, wording, vector)
        SELECT @Id, @Model, @wording, @vector WHERE EXISTS (SELECT 1 FROM examples WHERE id = @Id)
        ON CONFLICT (example_id, model, wording) DO UPDATE SET vector = @vector
        """,
        wordings.Zip(vectors, (of, vector) => new
        {
            of.Id,
            embedder.Model,
            wording = Convert.FromHexString(HashOf(of.Question)),
            vector = MemoryMarshal.AsBytes<float>(vector).ToArray(),
        })));
}
