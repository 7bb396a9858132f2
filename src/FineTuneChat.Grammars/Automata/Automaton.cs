using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Automata;

/// <summary>
/// A set of texts as a deterministic automaton; state 0 is the start. Every state is on the way to an accepting one,
/// so that every path of edges leads to an accepting state.
/// </summary>
internal sealed class Automaton
{
    private const int Cost = 300, StateCost = 10; // steps

    private readonly Effort _effort;

    private Automaton(List<State> states, Effort effort)
    {
        States = WithoutDeadEnds(states);
        _effort = effort;
    }

    public IReadOnlyList<State> States { get; }

    /// <summary>No text at all is in the set.</summary>
    public bool IsEmpty => States.Count == 0;

    /// <param name="pattern">What the texts match.</param>
    /// <param name="effort">What this costs is counted there, and what is made of it too.</param>
    /// <exception cref="PatternException">It takes too many states, or too much effort.</exception>
    public static Automaton Of(Pattern pattern, Effort effort)
    {
        var graph = Nondeterministic.Of(pattern, effort);
        return Build(effort, graph.Close([graph.Start]), SameNumbers.Comparer, set => set.Contains(graph.End), graph.EdgesOf);
    }

    /// <summary>Texts of a length in characters.</summary>
    public static Automaton OfLength(int min, int? max, Effort effort) => Of(new Pattern.Repeat(new Pattern.Chars(CharSet.All), min, max), effort);

    /// <summary>Numbers whose digits, read without sign and point, are a multiple.</summary>
    public static Automaton OfMultiples(int divisor, Effort effort) => Build(effort, 0, EqualityComparer<int>.Default, rest => rest == 0, rest =>
        Enumerable.Range(0, 10).Select(digit => (CharSet.Of((char)('0' + digit)), ((rest * 10) + digit) % divisor)).Append((CharSet.Of(('-', '.')), rest)));

    /// <summary>The texts that are in both sets.</summary>
    /// <exception cref="PatternException">It takes too many states, or too much effort.</exception>
    public Automaton Intersect(Automaton other, Effort? effort = null)
    {
        Effort counted = effort ?? _effort;
        if (IsEmpty || other.IsEmpty)
            return new Automaton([], counted);
        EqualityComparer<(int One, int Other)> same = EqualityComparer<(int One, int Other)>.Default;
        return Build(counted, (One: 0, Other: 0), same, pair => States[pair.One].Accepts && other.States[pair.Other].Accepts, pair =>
            from one in States[pair.One].Edges
            from two in other.States[pair.Other].Edges
            where counted.IsSpent(one.On.Ranges.Count + two.On.Ranges.Count)
            let common = one.On.Intersect(two.On)
            where !common.IsEmpty
            select (common, (one.To, two.To)));
    }

    /// <summary>The texts that are not in the set.</summary>
    public Automaton Complement()
    {
        const int Outside = -1;
        return Build(_effort, IsEmpty ? Outside : 0, EqualityComparer<int>.Default, state => state == Outside || !States[state].Accepts, state =>
        {
            if (state == Outside)
                return [(CharSet.All, Outside)];
            CharSet left = CharSet.Of([.. States[state].Edges.SelectMany(edge => edge.On.Ranges)]).Complement();
            return States[state].Edges.Select(edge => (edge.On, edge.To)).Concat(left.IsEmpty ? [] : [(left, Outside)]);
        });
    }

    public bool Accepts(string text)
    {
        if (IsEmpty)
            return false;
        int state = 0;
        foreach (System.Text.Rune c in text.EnumerateRunes())
        {
            int? next = null;
            foreach (Edge edge in States[state].Edges)
            {
                if (edge.On.Contains(c.Value))
                    next = edge.To;
            }
            if (next is null)
                return false;
            state = next.Value;
        }
        return States[state].Accepts;
    }

    private static Automaton Build<T>(
        Effort effort, T start, IEqualityComparer<T> same, Func<T, bool> accepts, Func<T, IEnumerable<(CharSet On, T To)>> edges) where T : notnull
    {
        effort.Spend(Cost);
        var numbers = new Dictionary<T, int>(same) { [start] = 0 };
        var open = new Queue<T>([start]);
        var states = new List<State>();
        while (open.TryDequeue(out T? state))
        {
            effort.Spend(StateCost);
            var leaving = new List<Edge>();
            foreach ((CharSet on, T to) in edges(state))
            {
                effort.Spend(on.Ranges.Count);
                if (!numbers.TryGetValue(to, out int number))
                {
                    numbers[to] = number = numbers.Count;
                    open.Enqueue(to);
                    if (numbers.Count > SchemaLimits.States)
                        throw new PatternException($"it takes more than {SchemaLimits.States} states to enforce this");
                }
                leaving.Add(new Edge(on, number));
            }
            states.Add(new State(accepts(state), leaving));
        }
        return new Automaton(states, effort);
    }

    private static List<State> WithoutDeadEnds(List<State> states)
    {
        // 1. From the accepting states backwards.
        var sources = new List<int>[states.Count];
        for (int i = 0; i < states.Count; i++)
            sources[i] = [];
        for (int i = 0; i < states.Count; i++)
        {
            foreach (Edge edge in states[i].Edges)
                sources[edge.To].Add(i);
        }
        var open = new Stack<int>(Enumerable.Range(0, states.Count).Where(i => states[i].Accepts));
        var alive = new HashSet<int>(open);
        while (open.TryPop(out int state))
        {
            foreach (int source in sources[state])
            {
                if (alive.Add(source))
                    open.Push(source);
            }
        }
        if (!alive.Contains(0))
            return [];

        // 2. The rest goes; those that stay keep their order.
        int[] kept = [.. alive.Order()];
        Dictionary<int, int> numbers = kept.Index().ToDictionary(k => k.Item, k => k.Index);
        return [.. kept.Select(i =>
            states[i] with { Edges = [.. states[i].Edges.Where(e => alive.Contains(e.To)).Select(e => e with { To = numbers[e.To] })] })];
    }

    public sealed record State(bool Accepts, IReadOnlyList<Edge> Edges);

    public readonly record struct Edge(CharSet On, int To);
}
