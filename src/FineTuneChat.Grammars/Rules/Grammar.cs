using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Rules;

/// <summary>The rules of a context-free grammar while they are collected; the first one is where a text begins.</summary>
internal sealed class Grammar
{
    private readonly List<Symbol[][]> _rules = [];
    private readonly Dictionary<(Symbol Unit, int Power), Symbol> _powers = [];
    private int _symbols;

    /// <summary>Alternatives of each rule, symbols of each alternative.</summary>
    public IReadOnlyList<Symbol[][]> Rules => _rules;

    /// <summary>A rule that is defined later; until then it matches nothing.</summary>
    /// <exception cref="SchemaException">There are too many.</exception>
    public Symbol.Reference Reserve()
    {
        if (_rules.Count >= SchemaLimits.Rules)
            throw new SchemaException("#", $"the grammar of this schema has more than {SchemaLimits.Rules} rules; make the schema smaller");
        _rules.Add([]);
        return new Symbol.Reference(_rules.Count - 1);
    }

    public void Define(Symbol.Reference rule, params Symbol[][] alternatives)
    {
        _symbols += alternatives.Sum(a => a.Length + 1);
        if (_symbols > SchemaLimits.Symbols)
            throw new SchemaException("#", $"the grammar of this schema has more than {SchemaLimits.Symbols} symbols; make the schema smaller");
        _rules[rule.Rule] = alternatives;
    }

    public Symbol.Reference Rule(params Symbol[][] alternatives)
    {
        Symbol.Reference rule = Reserve();
        Define(rule, alternatives);
        return rule;
    }

    public Symbol.Reference Optional(params Symbol[] symbols) => Rule(symbols, []);

    /// <summary>A symbol, which is never empty, so many times; the rules grow with the logarithm of the count.</summary>
    public Symbol[] Repeat(Symbol unit, int min, int? max)
    {
        Symbol[] rest = max is { } limit ? UpTo(unit, limit - min) : [Star(unit)];
        return [.. Exactly(unit, min), .. rest];
    }

    private IEnumerable<Symbol> Exactly(Symbol unit, int count)
    {
        for (int power = 0; count >> power > 0; power++)
        {
            if (((count >> power) & 1) == 1)
                yield return Power(unit, power);
        }
    }

    /// <summary>2^power times.</summary>
    private Symbol Power(Symbol unit, int power)
    {
        if (power == 0)
            return unit;
        if (!_powers.TryGetValue((unit, power), out Symbol? known))
        {
            Symbol half = Power(unit, power - 1);
            _powers[(unit, power)] = known = Rule([half, half]);
        }
        return known;
    }

    /// <summary>From none to a count, in one way for each number: pairs, then perhaps a single one.</summary>
    private Symbol[] UpTo(Symbol unit, int count)
    {
        if (count == 0)
            return [];
        return count % 2 == 1
            ? [.. UpTo(Power(unit, 1), count / 2), Optional(unit)]
            : [Optional([unit, .. UpTo(unit, count - 1)])];
    }

    private Symbol.Reference Star(Symbol unit)
    {
        Symbol.Reference rule = Reserve();
        Define(rule, [unit, rule], []);
        return rule;
    }
}
