namespace FineTuneChat.Engine;

/// <summary>The engine's log: event ids 2000 to 2099. Never the text of messages.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2000, Level = LogLevel.Debug, Message = "reply: {PromptTokens} prompt tokens ({CachedTokens} reused) in {PromptMs:0} ms, {GeneratedTokens} written in {GenerationMs:0} ms")]
    public static partial void Answered(this ILogger log, int promptTokens, int cachedTokens, int generatedTokens, double promptMs, double generationMs);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Debug, Message = "the client left before the reply was complete")]
    public static partial void ClientLeft(this ILogger log);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "a reply failed")]
    public static partial void ReplyFailed(this ILogger log, Exception error);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Critical, Message = "the engine failed and ends")]
    public static partial void EngineFailed(this ILogger log, Exception error);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void ModelWarning(this ILogger log, string warning);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Information, Message = "computing with {Threads} threads from now on")]
    public static partial void ThreadsChanged(this ILogger log, int threads);
}
