using System.Text.Json;
using FineTuneChat.Grammars.Automata;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>
/// Makes rules of a schema: each set of conditions that holds together for some value becomes one rule. Nothing recurses:
/// what a rule refers to waits in a queue, so that no schema is too deep.
/// </summary>
internal sealed class SchemaCompiler
{
    /// <summary>An object, in which nothing stands of which nothing is said.</summary>
    private static readonly SchemaPart IsObject = new("object", PartKind.Keywords, JsonElement.Parse("""{"type":"object","properties":{}}"""));

    private readonly string _place;
    private readonly SchemaDocument _document;
    private readonly Dictionary<string, Symbol.Reference> _rules = [];
    private readonly Queue<(Conjunction All, Symbol.Reference Rule)> _open = [];
    private readonly List<(Symbol.Reference Both, string Path, string Message)> _mustBeEmpty = [];
    private int _parts;

    /// <param name="document">The schema.</param>
    /// <param name="grammar">Where the rules go.</param>
    /// <param name="json">The rules of JSON in it.</param>
    /// <param name="place">What errors say before the place in the schema, where there are several.</param>
    /// <param name="onlyObjects">Whether values must be objects, whatever the schema says.</param>
    /// <exception cref="SchemaException">The schema cannot be enforced.</exception>
    public SchemaCompiler(SchemaDocument document, Grammar grammar, JsonRules json, string place = "", bool onlyObjects = false)
    {
        _place = place;
        _document = document;
        Grammar = grammar;
        Json = json;
        try
        {
            Root = RuleOf(onlyObjects ? document.Root.And(new Conjunction([IsObject])) : document.Root);
            while (_open.TryDequeue(out var next))
                Grammar.Define(next.Rule, [.. Alternatives(next.All)]);
        }
        catch (SchemaException e)
        {
            throw e.In(place);
        }
    }

    /// <summary>The rule of the whole schema.</summary>
    public Symbol.Reference Root { get; }

    public Grammar Grammar { get; }

    public JsonRules Json { get; }

    /// <summary>Checks what is known only when all rules are there: some value is allowed, and branches of <c>oneOf</c> exclude each other.</summary>
    /// <param name="productive">Rules that match something.</param>
    /// <exception cref="SchemaException">One of both is not so; the second only where all of the schema was to be enforced.</exception>
    public void Check(bool[] productive)
    {
        if (!productive[Root.Rule])
            throw new SchemaException("#", "no value meets this schema").In(_place);
        foreach ((Symbol.Reference both, string path, string message) in _mustBeEmpty)
        {
            if (productive[both.Rule])
                throw new SchemaException(path, message).In(_place);
        }
    }

    public Conjunction At(string path, JsonElement schema) => _document.At(path, schema);

    /// <summary>The conditions of several schemas; null states none.</summary>
    public Conjunction All(IEnumerable<(string Path, JsonElement Schema)?> schemas) =>
        schemas.OfType<(string Path, JsonElement Schema)>().Aggregate(Conjunction.Anything, (all, next) => all.And(At(next.Path, next.Schema)));

    public ObjectPart Object(SchemaPart part) => new(_document, part);

    /// <inheritdoc cref="SchemaDocument.LeaveOut"/>
    public void LeaveOut(string path, string reason) => _document.LeaveOut(path, reason);

    /// <summary>The rule for values that meet all conditions.</summary>
    public Symbol.Reference RuleOf(Conjunction all)
    {
        if (all.Parts.Count == 0)
            return Json.Anything;
        if (_rules.TryGetValue(all.Key, out Symbol.Reference? known))
            return known;
        _parts += all.Parts.Count;
        if (_rules.Count >= SchemaLimits.Merges || _parts > SchemaLimits.MergedParts)
            throw new SchemaException(all.Path,
                $"anyOf, oneOf and allOf combine to more than {SchemaLimits.Merges} schemas, or more than {SchemaLimits.MergedParts} conditions in them");
        Symbol.Reference rule = _rules[all.Key] = Grammar.Reserve();
        _open.Enqueue((all, rule));
        return rule;
    }

    private IEnumerable<Symbol[]> Alternatives(Conjunction all)
    {
        if (all.Parts.FirstOrDefault(p => p.Kind is PartKind.AnyOf or PartKind.OneOf) is { } choice)
            return Branches(all, choice).Distinct().Select(rule => new Symbol[] { rule });
        var shape = new Shape(all, _document);
        if (shape.Values.Count > 0)
            return TextTree.Of(Grammar, OfValues(all, shape));
        return OfTypes(shape);
    }

    /// <summary>The values that meet all conditions, as JSON, where an <c>enum</c> or <c>const</c> lists them; null elsewhere.</summary>
    public IReadOnlyList<string>? ValuesOf(Conjunction all)
    {
        if (all.Parts.Any(p => p.Kind is PartKind.AnyOf or PartKind.OneOf))
            return null;
        var shape = new Shape(all, _document);
        return shape.Values.Count > 0 ? OfValues(all, shape) : null;
    }

    private string[] OfValues(Conjunction all, Shape shape)
    {
        try
        {
            return [.. shape.Values[0].Different().Where(value => ValueCheck.Meets(_document, all, shape, value)).Select(JsonRules.Text)];
        }
        catch (PatternException e)
        {
            throw new SchemaException(all.Path, e.Message);
        }
    }

    private List<Symbol.Reference> Branches(Conjunction all, SchemaPart choice)
    {
        string keyword = choice.Kind == PartKind.AnyOf ? "anyOf" : "oneOf";
        string path = SchemaDocument.Pointer(choice.Path, keyword);
        Conjunction rest = all.Without(choice);
        Conjunction[] branches = [.. SchemaDocument.List(choice.Path, choice.Schema, keyword).Select(branch => rest.And(At(branch.Path, branch.Schema)))];
        if (choice.Kind == PartKind.OneOf && _document.IsStrict) // otherwise it is an anyOf: no grammar tells which branches overlap
        {
            if (branches.Length > SchemaLimits.Branches)
                throw new SchemaException(path, $"may have {SchemaLimits.Branches} schemas; use anyOf for more");
            for (int i = 0; i < branches.Length; i++)
            {
                for (int k = i + 1; k < branches.Length; k++)
                {
                    string remedy = "make them exclude each other (by type, or by a required property with different const), or use anyOf";
                    _mustBeEmpty.Add((RuleOf(branches[i].And(branches[k])), path, $"a value can match schema {i} and schema {k}; {remedy}"));
                }
            }
        }
        return [.. branches.Select(RuleOf)];
    }

    private IEnumerable<Symbol[]> OfTypes(Shape shape)
    {
        if (shape.Types.HasFlag(ValueTypes.Object))
            yield return ObjectRules.Of(this, shape);
        if (shape.Types.HasFlag(ValueTypes.Array))
            yield return ArrayRules.Of(this, shape);
        if (shape.Types.HasFlag(ValueTypes.String))
            yield return Strings(shape);
        if ((shape.Types & ValueTypes.Number) != 0)
            yield return Numbers(shape);
        if (shape.Types.HasFlag(ValueTypes.Boolean))
        {
            yield return ["true"];
            yield return ["false"];
        }
        if (shape.Types.HasFlag(ValueTypes.Null))
            yield return ["null"];
    }

    private Symbol[] Strings(Shape shape)
    {
        if (shape.Texts is { } set)
            return Json.String(set);
        return shape.Length.Max < shape.Length.Min ? [Grammar.Rule()] : ["\"", .. Grammar.Repeat(Json.Character, shape.Length.Min, shape.Length.Max), "\""];
    }

    private Symbol[] Numbers(Shape shape)
    {
        bool integersOnly = !shape.Types.HasFlag(ValueTypes.Fraction);
        foreach (NumberRange range in new[] { shape.Numbers, shape.Numbers with { Steps = [] } })
        {
            try
            {
                return Digits(NumberPattern.Of(range, integersOnly, _document.Effort));
            }
            catch (PatternException e)
            {
                LeaveOut(range.Path, e.Message);
            }
        }
        return Digits(integersOnly ? NumberPattern.AnyInteger : NumberPattern.Any);

        Symbol[] Digits(Automaton numbers) => [Json.Follow(numbers, set => [[Symbol.Of(set)]], [])];
    }
}
