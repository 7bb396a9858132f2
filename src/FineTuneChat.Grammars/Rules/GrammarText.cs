using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Rules;

/// <summary>From collected rules to what native code gets: checked, without dead ends, written out.</summary>
internal static class GrammarText
{
    /// <param name="grammar">All rules.</param>
    /// <param name="compilers">Those that made rules of schemas.</param>
    /// <exception cref="SchemaException">Nothing can be written, or llama.cpp could not read it.</exception>
    public static string Of(Grammar grammar, IEnumerable<SchemaCompiler> compilers)
    {
        bool[] productive = GrammarAnalysis.Productive(grammar);
        foreach (SchemaCompiler compiler in compilers)
            compiler.Check(productive);
        Symbol[][][] rules = GrammarAnalysis.Finishable(grammar, productive);
        GrammarAnalysis.CheckBeginnings(grammar, rules);
        return GrammarWriter.Write(rules);
    }
}
