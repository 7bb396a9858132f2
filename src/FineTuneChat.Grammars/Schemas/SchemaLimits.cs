namespace FineTuneChat.Grammars.Schemas;

/// <summary>What a schema may cost. All are found before anything of that size is built.</summary>
internal static class SchemaLimits
{
    public const int Text = 256 * 1024;    // characters of the schema as JSON
    public const int Depth = 64;           // values inside values, in the schema's text
    public const int Values = 20_000;      // JSON values in the schema
    public const int Properties = 2_000;   // over all "properties" of the schema
    public const int Count = 65_536;       // lengths and item counts: more than fits any reply
    public const int PatternText = 2_000;  // characters of a pattern
    public const int PatternDepth = 50;    // groups inside groups
    public const int PatternSize = 10_000; // characters of a pattern once its repetitions are written out
    public const int Effort = 2_000_000;   // steps of building automata
    public const int States = 4_000;       // of the automaton of one pattern, number range or key
    public const int Rules = 40_000;       // of the grammar
    public const int Symbols = 300_000;    // of the grammar
    public const int Merges = 5_000;       // combinations of subschemas that anyOf, oneOf and allOf make
    public const int MergedParts = 50_000; // conditions of these combinations together
    public const int Branches = 64;        // of one oneOf: each pair is checked to be exclusive
    public const int FirstRules = 50_000;  // rules that llama.cpp visits for one, looking for left recursion
    public const int FirstDepth = 1_000;   // of them inside each other: it recurses
    public const int AnyDepth = 12;        // arrays and objects inside each other where the schema says nothing
}
