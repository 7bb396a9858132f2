namespace FineTuneChat.Native.Llama;

/// <summary>llama.cpp refused or failed. The message says what, for which file or call; llama.cpp's own words are in the log.</summary>
public sealed class LlamaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, where, and what to do.</param>
    public LlamaException(string message)
        : base(message)
    {
    }
}
