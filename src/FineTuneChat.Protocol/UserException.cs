namespace FineTuneChat.Protocol;

/// <summary>A failure that the user can mend: the message is one line that says what is wrong, where, and what to do. No stack trace is shown.</summary>
internal sealed class UserException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Runs a check whose exception has a message for the user.</summary>
    public static void When<TException>(Action check)
        where TException : Exception
    {
        try
        {
            check();
        }
        catch (TException e)
        {
            throw new UserException(e.Message, e);
        }
    }
}
