namespace FineTuneChat.Grammars.Automata;

/// <summary>A pattern cannot be read, or is too large.</summary>
internal sealed class PatternException(string reason) : Exception(reason);
