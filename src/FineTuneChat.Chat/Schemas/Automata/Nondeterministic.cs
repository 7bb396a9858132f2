namespace FineTuneChat.Chat.Schemas.Automata;

/// <summary>A pattern as a graph with free moves (Thompson's construction), to be made deterministic.</summary>
internal sealed class Nondeterministic
{
    private readonly List<(CharSet On, int To)?> _edges = []; // at most one of each state
    private readonly List<List<int>> _free = [];
    private readonly Effort _effort;
    private bool[] _marked = [];

    private Nondeterministic(Pattern pattern, Effort effort)
    {
        _effort = effort;
        Start = NewState();
        End = Add(pattern, Start);
        _marked = new bool[_edges.Count];
    }

    public int Start { get; }

    public int End { get; }

    /// <exception cref="PatternException">The pattern is too large with its repetitions written out.</exception>
    public static Nondeterministic Of(Pattern pattern, Effort effort) => new(pattern, effort);

    /// <summary>All states that are reached from these without a character.</summary>
    public int[] Close(IEnumerable<int> states)
    {
        List<int> reached = [.. states.Where(Mark)];
        for (int i = 0; i < reached.Count; i++)
            reached.AddRange(_free[reached[i]].Where(Mark));
        foreach (int state in reached)
            _marked[state] = false;
        _effort.Spend(reached.Count);
        reached.Sort();
        return [.. reached];

        bool Mark(int state) => !_marked[state] && (_marked[state] = true);
    }

    public IEnumerable<(CharSet On, int To)> EdgesOf(int[] states) => states.Select(state => _edges[state]).Where(edge => edge is not null).Select(edge => edge!.Value);

    /// <summary>Adds what the pattern matches behind a state; returns the state where it ends.</summary>
    private int Add(Pattern pattern, int from)
    {
        switch (pattern)
        {
            case Pattern.Chars chars:
                int behind = NewState();
                int on = NewState(); // of its own: it has the one edge
                _free[from].Add(on);
                _edges[on] = (chars.Set, behind);
                return behind;
            case Pattern.Sequence sequence:
                return sequence.Items.Aggregate(from, (at, item) => Add(item, at));
            case Pattern.Choice choice:
                int end = NewState();
                foreach (Pattern option in choice.Options)
                    _free[Add(option, Branch(from))].Add(end);
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
        _free[at].Add(end);
        if (repeat.Max is null)
        {
            int loop = Branch(at);
            int back = Add(repeat.Item, loop);
            _free[back].Add(loop);
            _free[back].Add(end);
            return end;
        }
        for (int i = repeat.Min; i < repeat.Max; i++)
        {
            at = Add(repeat.Item, Branch(at));
            _free[at].Add(end);
        }
        return end;
    }

    private int Branch(int from)
    {
        int state = NewState();
        _free[from].Add(state);
        return state;
    }

    private int NewState()
    {
        if (_edges.Count >= 4 * SchemaLimits.PatternSize)
            throw new PatternException($"with its repetitions written out the pattern is longer than {SchemaLimits.PatternSize} characters");
        _edges.Add(null);
        _free.Add([]);
        return _edges.Count - 1;
    }
}
