using System.Numerics;
using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Automata;

/// <summary>A pattern as a graph with free moves (Thompson's construction), to be made deterministic.</summary>
internal sealed class Nondeterministic
{
    private const int None = -1;
    private const int StateCost = 4, EdgesCost = 20; // steps

    private readonly List<(CharSet On, int To)?> _edges = []; // at most one of each state
    private readonly List<int> _free = [];                         // of each state: the first of its free moves, or none
    private readonly List<(int To, int Next)> _moves = [];         // free moves, and the next of the same state
    private readonly Effort _effort;
    private readonly Alphabet _alphabet;
    private readonly List<int>[] _byClass;       // of one state at a time: where each class leads
    private readonly ulong[] _reached;           // of one closure at a time: a bit for each state
    private readonly Stack<int> _open = [];

    private Nondeterministic(Pattern pattern, Effort effort)
    {
        _effort = effort;
        Start = NewState();
        End = Add(pattern, Start);
        _alphabet = new Alphabet(_edges.OfType<(CharSet On, int To)>().Select(edge => edge.On), effort);
        _byClass = [.. Enumerable.Range(0, _alphabet.Count).Select(_ => new List<int>())];
        _reached = new ulong[(_edges.Count / 64) + 1];
    }

    public int Start { get; }

    public int End { get; }

    /// <exception cref="PatternException">The pattern is too large with its repetitions written out.</exception>
    public static Nondeterministic Of(Pattern pattern, Effort effort) => new(pattern, effort);

    /// <summary>All states that are reached from these without a character, in their order; without those that lead nowhere by one.</summary>
    public int[] Close(IEnumerable<int> states)
    {
        foreach (int state in states)
            Reach(state);
        int steps = _reached.Length;
        for (; _open.TryPop(out int state); steps++)
        {
            for (int move = _free[state]; move != None; move = _moves[move].Next)
                Reach(_moves[move].To);
        }
        _effort.Spend(steps);

        var closed = new List<int>();
        for (int word = 0; word < _reached.Length; word++)
        {
            for (ulong bits = _reached[word]; bits != 0; bits &= bits - 1)
            {
                int state = (word * 64) + BitOperations.TrailingZeroCount(bits);
                if (state == End || _edges[state] is not null)
                    closed.Add(state);
            }
            _reached[word] = 0;
        }
        return [.. closed];
    }

    /// <summary>Where the characters lead from a closed set of states: edges that do not overlap, each to the closure of all its targets.</summary>
    public IEnumerable<(CharSet On, int[] To)> EdgesOf(int[] states)
    {
        int steps = states.Length;
        foreach (int state in states)
        {
            if (_edges[state] is not { } edge)
                continue;
            List<int> classes = _alphabet.ClassesOf(edge.On);
            steps += classes.Count;
            foreach (int @class in classes)
                _byClass[@class].Add(edge.To);
        }
        _effort.Spend(EdgesCost + steps + _byClass.Length);
        var alike = new Dictionary<int[], List<int>>(SameNumbers.Comparer);
        for (int i = 0; i < _byClass.Length; i++)
        {
            if (_byClass[i].Count == 0)
                continue;
            int[] targets = [.. _byClass[i]];
            _byClass[i].Clear();
            if (!alike.TryGetValue(targets, out List<int>? classes))
                alike[targets] = classes = [];
            classes.Add(i);
        }
        return alike.Select(group => (_alphabet.Union(group.Value), Close(group.Key)));
    }

    private void Reach(int state)
    {
        ulong bit = 1UL << (state % 64);
        if ((_reached[state / 64] & bit) != 0)
            return;
        _reached[state / 64] |= bit;
        _open.Push(state);
    }

    /// <summary>Adds what the pattern matches behind a state; returns the state where it ends.</summary>
    private int Add(Pattern pattern, int from)
    {
        switch (pattern)
        {
            case Pattern.Chars chars:
                int behind = NewState();
                int on = NewState(); // of its own: it has the one edge
                Move(from, on);
                _edges[on] = (chars.Set, behind);
                return behind;
            case Pattern.Sequence sequence:
                return sequence.Items.Aggregate(from, (at, item) => Add(item, at));
            case Pattern.Choice choice:
                int end = NewState();
                foreach (Pattern option in choice.Options)
                    Move(Add(option, Branch(from)), end);
                return end;
            case Pattern.Repeat repeat:
                return AddRepeat(repeat, from);
            default:
                throw new ArgumentException($"{pattern} is not part of a finished pattern.", nameof(pattern));
        }
    }

    private int AddRepeat(Pattern.Repeat repeat, int from)
    {
        int at = from;
        for (int i = 0; i < repeat.Min; i++)
            at = Add(repeat.Item, at);
        int end = NewState();
        Move(at, end);
        if (repeat.Max is null)
        {
            int loop = Branch(at);
            int back = Add(repeat.Item, loop);
            Move(back, loop);
            Move(back, end);
            return end;
        }
        for (int i = repeat.Min; i < repeat.Max; i++)
        {
            at = Add(repeat.Item, Branch(at));
            Move(at, end);
        }
        return end;
    }

    private int Branch(int from)
    {
        int state = NewState();
        Move(from, state);
        return state;
    }

    private void Move(int from, int to)
    {
        _moves.Add((to, _free[from]));
        _free[from] = _moves.Count - 1;
    }

    private int NewState()
    {
        if (_edges.Count >= 4 * SchemaLimits.PatternSize)
            throw new PatternException($"with its repetitions written out the pattern is longer than {SchemaLimits.PatternSize} characters");
        _edges.Add(null);
        _free.Add(None);
        _effort.Spend(StateCost);
        return _edges.Count - 1;
    }
}
