namespace FineTuneChat.Datasets.Reports;

/// <summary>
/// A file can be read once its user has said something about it: which column is what, or who is to be imitated. The message asks it, and says how to answer.
/// </summary>
/// <param name="kind">What is asked.</param>
/// <param name="message">For the user.</param>
public sealed class DatasetQuestionException(DatasetQuestion kind, string message) : Exception(message)
{
    /// <summary>What is asked.</summary>
    public DatasetQuestion Kind => kind;
}

/// <summary>What a user is asked about a file.</summary>
public enum DatasetQuestion
{
    /// <summary>Which column is the question and which the reply.</summary>
    Columns,

    /// <summary>Whose messages are the replies.</summary>
    Speaker,
}
