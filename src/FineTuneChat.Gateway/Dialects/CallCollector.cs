using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>Calls of tools that come in pieces, for dialects that tell them whole. A call is whole when the next one begins, or with the reply's end.</summary>
internal sealed class CallCollector
{
    /// <summary>The place of the call that was told last, or is being collected.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>The call that is being collected; with the end of the reply it is whole.</summary>
    public ToolCall? Last { get; private set; }

    /// <summary>Takes pieces, and gives the calls that are whole.</summary>
    public IEnumerable<ToolCall> Add(IReadOnlyList<ToolCallDelta>? deltas)
    {
        foreach (ToolCallDelta delta in deltas ?? [])
        {
            if (delta.Index != Index && Last is { } whole)
                yield return whole;
            ToolCall known = delta.Index == Index && Last is { } begun ? begun : new ToolCall { Id = delta.Id, Type = delta.Type };
            Index = delta.Index;
            Last = known with
            {
                Function = new()
                {
                    Name = known.Function?.Name ?? delta.Function?.Name,
                    Arguments = known.Function?.Arguments + delta.Function?.Arguments,
                },
            };
        }
    }
}
