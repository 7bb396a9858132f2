namespace FineTuneChat.Gguf;

/// <summary>A GGUF file is corrupt, hostile, or uses something this program does not know. The message holds file, offset and reason.</summary>
public sealed class GgufException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="offset">Where in the file the fault was found, in bytes.</param>
    /// <param name="reason">What is wrong there.</param>
    public GgufException(string file, long offset, string reason)
        : base($"{file}: not a usable GGUF file: {reason} (at byte {offset}).")
    {
        File = file;
        Offset = offset;
        Reason = reason;
    }

    /// <summary>Creates the exception for a fault of the file as a whole.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="reason">What is wrong.</param>
    public GgufException(string file, string reason)
        : base($"{file}: not a usable GGUF file: {reason}.")
    {
        File = file;
        Reason = reason;
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Where the fault was found, in bytes from the start; 0 when it is no place.</summary>
    public long Offset { get; }

    /// <summary>What is wrong there.</summary>
    public string Reason { get; }
}
