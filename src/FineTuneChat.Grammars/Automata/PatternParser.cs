using System.Text;
using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars.Automata;

/// <summary>Reads JSON Schema's <c>pattern</c>: an ECMAScript regular expression in Unicode mode that may match anywhere in a text.</summary>
internal sealed class PatternParser
{
    private readonly int[] _text; // code points
    private int _at;
    private int _depth;

    private PatternParser(string text) => _text = [.. text.EnumerateRunes().Select(c => c.Value)];

    /// <exception cref="PatternException">It is no pattern, or has something that a grammar cannot express.</exception>
    public static Pattern Parse(string text)
    {
        if (text.Length > SchemaLimits.PatternText)
            throw new PatternException($"a pattern may have {SchemaLimits.PatternText} characters; this one has {text.Length}");
        var parser = new PatternParser(text);
        Pattern pattern = parser.ParseChoice();
        if (parser._at < parser._text.Length)
            throw new PatternException($"')' at {parser._at} closes nothing");
        return new Pattern.Choice([.. Options(pattern).Select(WholeText)]);
    }

    private static IReadOnlyList<Pattern> Options(Pattern pattern) => pattern is Pattern.Choice choice ? choice.Options : [pattern];

    /// <summary>An option matches anywhere: what its anchors do not fix is any text.</summary>
    private static Pattern WholeText(Pattern option)
    {
        List<Pattern> items = [.. option is Pattern.Sequence sequence ? sequence.Items : [option]];
        bool fromStart = items is [Pattern.Anchor { AtStart: true }, ..];
        if (fromStart)
            items.RemoveAt(0);
        bool toEnd = items is [.., Pattern.Anchor { AtStart: false }];
        if (toEnd)
            items.RemoveAt(items.Count - 1);
        if (items.Exists(HasAnchor))
            throw new PatternException("'^' and '$' are allowed at the beginning and the end of the pattern or of its outermost alternatives");
        return new Pattern.Sequence([.. fromStart ? [] : new[] { Pattern.AnyText }, .. items, .. toEnd ? [] : new[] { Pattern.AnyText }]);
    }

    private static bool HasAnchor(Pattern pattern) => pattern switch
    {
        Pattern.Anchor => true,
        Pattern.Sequence sequence => sequence.Items.Any(HasAnchor),
        Pattern.Choice choice => choice.Options.Any(HasAnchor),
        Pattern.Repeat repeat => HasAnchor(repeat.Item),
        _ => false,
    };

    private Pattern ParseChoice()
    {
        if (++_depth > SchemaLimits.PatternDepth)
            throw new PatternException($"groups may be nested {SchemaLimits.PatternDepth} deep");
        var options = new List<Pattern> { ParseSequence() };
        while (Take('|'))
            options.Add(ParseSequence());
        _depth--;
        return options.Count == 1 ? options[0] : new Pattern.Choice(options);
    }

    private Pattern.Sequence ParseSequence()
    {
        var items = new List<Pattern>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
            items.Add(ParseQuantified());
        return new Pattern.Sequence(items);
    }

    private Pattern ParseQuantified()
    {
        Pattern item = ParseAtom();
        if (ParseQuantifier() is not { } times)
            return item;
        Take('?'); // lazy: which match is found first makes no difference
        if (item is Pattern.Anchor)
            throw new PatternException("'^' and '$' cannot be repeated");
        return new Pattern.Repeat(item, times.Min, times.Max);
    }

    private (int Min, int? Max)? ParseQuantifier()
    {
        if (Take('*'))
            return (0, null);
        if (Take('+'))
            return (1, null);
        if (Take('?'))
            return (0, 1);
        if (!Take('{'))
            return null;
        int min = Number();
        int? max = min;
        if (Take(','))
            max = _at < _text.Length && _text[_at] == '}' ? null : Number();
        if (!Take('}') || max < min)
            throw new PatternException("a repetition is written {2}, {2,} or {2,5}");
        return (min, max);
    }

    private int Number()
    {
        int start = _at, value = 0;
        while (_at < _text.Length && _text[_at] is >= '0' and <= '9')
        {
            value = (value * 10) + _text[_at++] - '0';
            if (value > SchemaLimits.PatternSize)
                throw new PatternException($"a repetition may be up to {SchemaLimits.PatternSize}");
        }
        return _at > start ? value : throw new PatternException("a repetition is written {2}, {2,} or {2,5}");
    }

    private Pattern ParseAtom()
    {
        int c = _text[_at++];
        switch (c)
        {
            case '^' or '$':
                return new Pattern.Anchor(c == '^');
            case '(':
                return ParseGroup();
            case '[':
                return new Pattern.Chars(ParseClass());
            case '.':
                return new Pattern.Chars(CharClasses.Dot);
            case '\\':
                return new Pattern.Chars(ParseEscape(inClass: false));
            case '*' or '+' or '?' or '{' or '}' or ']':
                throw new PatternException($"'{(char)c}' at {_at - 1} must be written \\{(char)c}, or has nothing to repeat");
            default:
                return new Pattern.Chars(CharSet.Of((c, c)));
        }
    }

    private Pattern ParseGroup()
    {
        if (Take('?') && !Take(':'))
        {
            if (!Take('<') || _at >= _text.Length || _text[_at] is '=' or '!')
                throw new PatternException("lookahead, lookbehind and flags are not supported");
            while (_at < _text.Length && _text[_at] != '>') // a name, of no use here
                _at++;
            _at++;
        }
        Pattern inner = ParseChoice();
        return Take(')') ? inner : throw new PatternException("a '(' is not closed");
    }

    private CharSet ParseClass()
    {
        bool negated = Take('^');
        CharSet set = CharSet.Empty;
        while (!Take(']'))
        {
            CharSet low = ParseClassItem();
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                CharSet high = ParseClassItem();
                if (low.Ranges is not [(int from, int fromEnd)] || high.Ranges is not [(int to, int toEnd)] || from != fromEnd || to != toEnd || to < from)
                    throw new PatternException("a range in [ ] goes from one character to a later one");
                low = CharSet.Of((from, to)).Intersect(CharSet.All);
            }
            set = set.Union(low);
        }
        return negated ? set.Complement() : set;
    }

    private CharSet ParseClassItem()
    {
        if (_at >= _text.Length)
            throw new PatternException("a '[' is not closed");
        int c = _text[_at++];
        return c == '\\' ? ParseEscape(inClass: true) : CharSet.Of((c, c));
    }

    private CharSet ParseEscape(bool inClass)
    {
        if (_at >= _text.Length)
            throw new PatternException("a '\\' stands at the end");
        int c = _text[_at++];
        if (CharClasses.OfEscape((char)c) is { } known && c < 0x80)
            return known;
        if (c == 'b' && inClass)
            return CharSet.Of('\b');
        if (c is 'x' or 'u')
            return CodePoint(c == 'x' ? 2 : 4);
        if (c < 0x80 && char.IsAsciiLetterOrDigit((char)c))
            throw new PatternException($"'\\{(char)c}' is not supported");
        return CharSet.Of((c, c));
    }

    private CharSet CodePoint(int digits)
    {
        bool braces = digits == 4 && Take('{');
        var hex = new StringBuilder();
        while (_at < _text.Length && hex.Length < (braces ? 6 : digits) && _text[_at] < 0x80 && char.IsAsciiHexDigit((char)_text[_at]))
            hex.Append((char)_text[_at++]);
        if (hex.Length == 0 || (!braces && hex.Length != digits) || (braces && !Take('}')))
            throw new PatternException("a character by its number is written \\x41, \\u0041 or \\u{1F600}");
        int value = Convert.ToInt32(hex.ToString(), 16);
        return CharSet.All.Contains(value) ? CharSet.Of((value, value)) : throw new PatternException($"U+{value:X4} is not a character");
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }
}
