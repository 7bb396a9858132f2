using System.Text;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>Calls of tools that come in pieces, for dialects that tell them whole. A call is whole when the next one begins, or with the reply's end.</summary>
internal sealed class CallCollector
{
    private readonly StringBuilder _arguments = new();
    private string? _id, _name;

    /// <summary>The place of the call that is being collected; -1 before the first.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>The call that is being collected, as far as it came; null before the first.</summary>
    public ToolCall? Last => Index < 0 ? null : new() { Id = _id, Type = "function", Function = new() { Name = _name, Arguments = _arguments.ToString() } };

    /// <summary>Takes a piece, and gives the call before it if that is whole with it.</summary>
    public ToolCall? Add(ToolCallDelta delta)
    {
        ToolCall? whole = delta.Index == Index ? null : Last;
        if (delta.Index != Index)
        {
            (Index, _id, _name) = (delta.Index, delta.Id, delta.Function?.Name);
            _arguments.Clear();
        }
        _arguments.Append(delta.Function?.Arguments);
        return whole;
    }
}
