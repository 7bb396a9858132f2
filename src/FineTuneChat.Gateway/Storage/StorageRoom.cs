using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Storage;

/// <summary>
/// Whether there is room for more. What would not fit is refused before it begins, while a reserve is left to finish what has begun: what was acknowledged
/// is never lost to a full disk.
/// </summary>
internal sealed partial class StorageRoom(DataFolder folder, Database database, StorageSettings settings, ILogger<StorageRoom> logger)
{
    private const double BytesPerGigabyte = 1e9;
    private int _isFull;

    /// <exception cref="OpenAiException">507: there is none.</exception>
    public void Require()
    {
        string? problem = Problem();
        bool wasFull = Interlocked.Exchange(ref _isFull, problem is null ? 0 : 1) == 1;
        if (problem is null && wasFull)
            LogRoomAgain(logger);
        if (problem is null)
            return;
        if (!wasFull)
            LogFull(logger, problem);
        throw OpenAiException.StorageFull(problem);
    }

    private string? Problem()
    {
        if (settings.MaxDatabaseGigabytes > 0 && database.Size() / BytesPerGigabyte is var size && size >= settings.MaxDatabaseGigabytes)
            return $"The database has {size:0.###} GB, the limit is {settings.MaxDatabaseGigabytes:0.###} (Storage:MaxDatabaseGigabytes). "
                + "Delete conversations, or raise the limit.";
        if (FreeBytes() / BytesPerGigabyte is var free && free < settings.MinFreeGigabytes)
            return $"The disk of {folder.Root} has {free:0.###} GB left, {settings.MinFreeGigabytes:0.###} are kept free (Storage:MinFreeGigabytes). "
                + "Remove versions or other files, or lower the limit.";
        return null;
    }

    private double FreeBytes()
    {
        try
        {
            return new DriveInfo(folder.Root).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return double.PositiveInfinity; // a file system that does not tell
        }
    }

    [LoggerMessage(6001, LogLevel.Error, "Nothing more is stored: {Problem}")]
    private static partial void LogFull(ILogger logger, string problem);

    [LoggerMessage(6002, LogLevel.Information, "There is room again: storing goes on")]
    private static partial void LogRoomAgain(ILogger logger);
}
