namespace FineTuneChat.Native.Loading;

/// <summary>
/// llama.cpp's libraries are missing, of another version, or cannot be loaded on this machine. The message lists what was tried and the remedy.
/// </summary>
public sealed class NativeLibraryException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, where, and what to do.</param>
    /// <param name="inner">The loader's own exception, when there is one.</param>
    public NativeLibraryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
