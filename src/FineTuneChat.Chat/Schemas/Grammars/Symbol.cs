using FineTuneChat.Chat.Schemas.Automata;

namespace FineTuneChat.Chat.Schemas.Grammars;

/// <summary>One place in an alternative of a rule.</summary>
internal abstract record Symbol
{
    /// <summary>This text, not empty.</summary>
    public sealed record Text(string Value) : Symbol;

    /// <summary>One character of a set that is not empty.</summary>
    public sealed record OneOf(CharSet Set) : Symbol;

    /// <summary>What another rule matches.</summary>
    public sealed record Reference(int Rule) : Symbol;

    public static implicit operator Symbol(string text) => new Text(text);

    public static implicit operator Symbol(CharSet set) => new OneOf(set);
}
