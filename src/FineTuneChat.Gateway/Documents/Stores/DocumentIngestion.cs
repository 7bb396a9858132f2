using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Documents;
using FineTuneChat.Documents.Chunks;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>
/// Reads the files of collections in the background, one after the other. A file can be found by its words as soon as it is read; vectors follow when no
/// file waits. What a crash or a stop has left is taken up at the next start.
/// </summary>
internal sealed partial class DocumentIngestion(
    ChunkStore chunks, UploadedFiles files, DocumentSettings settings, ITextEmbedder embedder, TimeProvider time, ILogger<DocumentIngestion> logger)
    : BackgroundService
{
    private const int EmbeddedAtOnce = 16; // a file that comes meanwhile waits for no more
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private DocumentLimits Limits { get; } = new() { Bytes = (long)settings.MaxFileMegabytes << 20, Pages = settings.MaxPages };

    /// <summary>Something waits.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(() => chunks.ForgetOthersAsync(embedder.Model));
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync(() => WorkAsync(stoppingToken));
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(_wake.Reader.WaitToReadAsync(pause.Token).AsTask(), Task.Delay(Retry, time, pause.Token));
            await pause.CancelAsync();
            _wake.Reader.TryRead(out _);
        }
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        do
        {
            while (chunks.NextWaiting() is { } file)
                await ReadAsync(file, stopping);
        }
        while (await EmbedAsync(stopping));
    }

    private async Task ReadAsync(WaitingFile file, CancellationToken stopping)
    {
        try
        {
            byte[] bytes = await BytesAsync(file, stopping);
            IReadOnlyList<Chunk> read = await Task.Run(() => Chunker.Split(DocumentReader.Read(bytes, file.Name, Limits, stopping)), stopping);
            await chunks.KeepAsync(file, read);
            LogRead(logger, file.FileId, read.Count);
        }
        catch (Exception e) when (e is DocumentException or IOException or UnauthorizedAccessException)
        {
            await chunks.FailAsync(file, e.Message);
            LogNotRead(logger, file.FileId);
        }
    }

    private async Task<byte[]> BytesAsync(WaitingFile file, CancellationToken stopping)
    {
        await using FileStream stream = files.Open(file.FileId);
        if (stream.Length > Limits.Bytes)
            throw new DocumentException(file.Name, $"it is larger than {settings.MaxFileMegabytes} MB (Documents:MaxFileMegabytes). Split it.");
        byte[] bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, stopping);
        return bytes;
    }

    /// <summary>Makes the next vectors; false where none are left to make, or none can be made now.</summary>
    private async Task<bool> EmbedAsync(CancellationToken stopping)
    {
        IReadOnlyList<(long Id, string Text)> next = chunks.WithoutVector(EmbeddedAtOnce);
        if (next.Count == 0 || await embedder.EmbedAsync([.. next.Select(c => c.Text)], stopping) is not { } vectors)
            return false;
        await chunks.KeepVectorsAsync(embedder.Model, next.Zip(vectors, (chunk, vector) => (chunk.Id, vector)));
        return true;
    }

    /// <summary>A full disk or a lost engine is for the next minute.</summary>
    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is OpenAiException or DbException)
        {
            LogFailed(logger, e);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(8001, LogLevel.Information, "{File} was read: {Passages} passages")]
    private static partial void LogRead(ILogger logger, string file, int passages);

    [LoggerMessage(8002, LogLevel.Warning, "{File} could not be read; its status says why")]
    private static partial void LogNotRead(ILogger logger, string file);

    [LoggerMessage(8003, LogLevel.Error, "Documents could not be kept; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
