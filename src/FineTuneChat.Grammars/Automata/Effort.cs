using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Automata;

/// <summary>
/// Counts the steps of building automata, over all of a request: a pattern can take far more of them than it is long, and a schema
/// can have many. A step is some ten nanoseconds.
/// </summary>
internal sealed class Effort
{
    private int _left = SchemaLimits.Effort;

    /// <summary>Spends inside a query; always true.</summary>
    public bool IsSpent(int steps)
    {
        Spend(steps);
        return true;
    }

    /// <exception cref="PatternException">That was too much.</exception>
    public void Spend(int steps)
    {
        _left -= steps;
        if (_left < 0)
            throw new PatternException("patterns and ranges of this schema are too complex to enforce; make them simpler, or fewer");
    }
}
