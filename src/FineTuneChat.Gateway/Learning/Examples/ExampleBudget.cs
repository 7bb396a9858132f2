using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// How much examples may hold together. An example repeats all that precedes its reply, so those of a conversation with a thousand replies take about
/// five hundred times its own length, in memory and in the database.
/// </summary>
/// <param name="allowed">Characters; a message costs 50 beside its text.</param>
internal sealed class ExampleBudget(long allowed)
{
    private const int MessageCharacters = 50;
    private long _taken;

    public long Allowed => allowed;

    /// <summary>Whether an example of these messages is still within it; then it is counted.</summary>
    public bool TryTake(IReadOnlyList<RequestMessage> messages)
    {
        long taken = _taken;
        foreach (RequestMessage message in messages)
        {
            taken += MessageCharacters + (message.Content?.Length ?? 0) + (message.ReasoningContent?.Length ?? 0)
                + (message.ToolCalls ?? []).Sum(call => call.Function?.Arguments?.Length ?? 0);
            if (taken > allowed)
                return false;
        }
        _taken = taken;
        return true;
    }
}
