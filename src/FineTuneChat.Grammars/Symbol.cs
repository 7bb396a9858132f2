using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars;

/// <summary>One place in an alternative of a rule: a text, a character of a set, or what another rule matches. A string is the symbol of its text.</summary>
public abstract record Symbol
{
    private protected Symbol() { }

    /// <summary>This text, not empty.</summary>
    internal sealed record Text(string Value) : Symbol;

    /// <summary>One character of a set that is not empty.</summary>
    internal sealed record OneOf(CharSet Set) : Symbol;

    /// <summary>What another rule matches.</summary>
    internal sealed record Reference(int Rule) : Symbol;

    /// <summary>The symbol of a text.</summary>
    /// <param name="text">The text, not empty.</param>
    public static implicit operator Symbol(string text) => new Text(text);

    /// <summary>The symbol of one character of a set.</summary>
    internal static Symbol Of(CharSet set) => new OneOf(set);
}
