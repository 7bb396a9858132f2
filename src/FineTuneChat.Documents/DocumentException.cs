namespace FineTuneChat.Documents;

/// <summary>A file cannot be read: damaged, too large, of a kind that holds no text. The message names it, and says what to do.</summary>
public sealed class DocumentException : Exception
{
    /// <param name="name">Of the file.</param>
    /// <param name="problem">A sentence about "it".</param>
    /// <param name="inner">What a library said.</param>
    public DocumentException(string name, string problem, Exception? inner = null)
        : base($"{name}: {problem}", inner)
    {
    }
}
