using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Replies;

/// <summary>A piece of a reply; one of the four is set.</summary>
public readonly record struct ReplyPart
{
    /// <summary>More of the answer.</summary>
    public string? Text { get; private init; }

    /// <summary>More of the reasoning before the answer.</summary>
    public string? Reasoning { get; private init; }

    /// <summary>A call of a tool: complete, or, where calls are told at once, begun: then its arguments are empty and follow.</summary>
    public ChatToolCall? Call { get; private init; }

    /// <summary>More of the arguments of the call that was begun last.</summary>
    public string? Arguments { get; private init; }

    internal static ReplyPart OfText(string text) => new() { Text = text };

    internal static ReplyPart OfReasoning(string text) => new() { Reasoning = text };

    internal static ReplyPart OfArguments(string text) => new() { Arguments = text };

    internal static ReplyPart OfCall(ChatToolCall call) => new() { Call = call };
}
