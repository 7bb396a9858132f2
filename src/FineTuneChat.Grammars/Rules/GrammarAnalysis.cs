using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Rules;

/// <summary>What must hold before native code sees a grammar: every rule that is begun can be finished, and llama.cpp can read it.</summary>
internal static class GrammarAnalysis
{
    /// <summary>Which rules match at least one finite text.</summary>
    public static bool[] Productive(Grammar grammar) =>
        Fixpoint(grammar, (alternative, known) => alternative.All(symbol => symbol is not Symbol.Reference reference || known[reference.Rule]));

    /// <summary>The alternatives of each rule that can be finished; those of rules that the first one never reaches are left out.</summary>
    public static Symbol[][][] Finishable(Grammar grammar, bool[] productive)
    {
        var kept = new Symbol[grammar.Rules.Count][][];
        var open = new Stack<int>([0]);
        while (open.TryPop(out int rule))
        {
            if (kept[rule] is not null)
                continue;
            kept[rule] = [.. grammar.Rules[rule].Where(a => a.All(s => s is not Symbol.Reference r || productive[r.Rule]))];
            foreach (Symbol.Reference next in kept[rule].SelectMany(a => a).OfType<Symbol.Reference>())
                open.Push(next.Rule);
        }
        for (int i = 0; i < kept.Length; i++)
            kept[i] ??= [];
        return kept;
    }

    /// <summary>
    /// Refuses a rule that begins with itself, and rules that begin with so many others that llama.cpp's own search for
    /// such rules, which recurses and remembers nothing, would take too long or too deep.
    /// </summary>
    /// <exception cref="SchemaException">One of both.</exception>
    public static void CheckBeginnings(Grammar grammar, Symbol[][][] rules)
    {
        bool[] empty = Fixpoint(grammar, (alternative, known) => alternative.All(symbol => symbol is Symbol.Reference reference && known[reference.Rule]));
        List<int>[] firsts = [.. rules.Select(rule => Firsts(rule, empty))];
        int[] waiting = new int[rules.Length]; // rules that begin with this one and are not counted yet
        foreach (int first in firsts.SelectMany(f => f))
            waiting[first]++;

        var order = new List<int>();
        var open = new Stack<int>(Enumerable.Range(0, rules.Length).Where(i => waiting[i] == 0));
        while (open.TryPop(out int rule))
        {
            order.Add(rule);
            foreach (int first in firsts[rule])
            {
                if (--waiting[first] == 0)
                    open.Push(first);
            }
        }
        if (order.Count < rules.Length)
            throw new SchemaException("#", "a $ref leads back to itself without an array or object between");

        long[] visits = new long[rules.Length];
        int[] depth = new int[rules.Length];
        foreach (int rule in Enumerable.Reverse(order))
        {
            visits[rule] = 1 + firsts[rule].Sum(first => visits[first]);
            depth[rule] = 1 + firsts[rule].Select(first => depth[first]).DefaultIfEmpty().Max();
            if (visits[rule] > SchemaLimits.FirstRules || depth[rule] > SchemaLimits.FirstDepth)
                throw new SchemaException("#", "the schema has too many optional properties or alternatives in one place; make some required, or split it");
        }
    }

    private static List<int> Firsts(Symbol[][] rule, bool[] empty)
    {
        var firsts = new List<int>();
        foreach (Symbol[] alternative in rule)
        {
            foreach (Symbol symbol in alternative)
            {
                if (symbol is not Symbol.Reference reference)
                    break;
                firsts.Add(reference.Rule);
                if (!empty[reference.Rule])
                    break;
            }
        }
        return firsts;
    }

    /// <summary>Marks rules of which one alternative has a property, given the marks of the rules in it, until no more are marked.</summary>
    private static bool[] Fixpoint(Grammar grammar, Func<Symbol[], bool[], bool> holds)
    {
        var users = new List<int>[grammar.Rules.Count];
        for (int i = 0; i < users.Length; i++)
            users[i] = [];
        for (int i = 0; i < users.Length; i++)
        {
            foreach (Symbol.Reference reference in grammar.Rules[i].SelectMany(a => a).OfType<Symbol.Reference>())
                users[reference.Rule].Add(i);
        }
        var marks = new bool[users.Length];
        var open = new Stack<int>(Enumerable.Range(0, users.Length));
        while (open.TryPop(out int rule))
        {
            if (marks[rule] || !grammar.Rules[rule].Any(a => holds(a, marks)))
                continue;
            marks[rule] = true;
            foreach (int user in users[rule])
                open.Push(user);
        }
        return marks;
    }
}
