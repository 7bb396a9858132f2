using FineTuneChat.Grammars;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Chat.Tests.Grammars;

/// <summary>Whether a grammar allows a text: all the places it can be in are followed, character by character.</summary>
internal sealed class GrammarReader(Grammar grammar)
{
    public bool Allows(string text)
    {
        HashSet<Place> places = Expand([new Place(new Symbol.Reference(0), null)]);
        foreach (System.Text.Rune c in text.EnumerateRunes())
            places = Expand(places.Where(p => p.Head is not null).SelectMany(p => Step(p, c)));
        return places.Any(p => p.Head is null);
    }

    private static IEnumerable<Place> Step(Place place, System.Text.Rune c)
    {
        if (place.Head is Symbol.OneOf one && one.Set.Contains(c.Value))
            yield return place.Rest ?? Place.End;
        if (place.Head is Symbol.Text literal && literal.Value.StartsWith(c.ToString(), StringComparison.Ordinal))
        {
            string left = literal.Value[c.Utf16SequenceLength..];
            yield return left.Length > 0 ? new Place(left, place.Rest) : place.Rest ?? Place.End;
        }
    }

    /// <summary>Until characters, or the end, come next in each.</summary>
    private HashSet<Place> Expand(IEnumerable<Place> places)
    {
        var open = new Stack<Place>(places);
        var seen = new HashSet<Place>();
        var ready = new HashSet<Place>();
        while (open.TryPop(out Place? place))
        {
            if (!seen.Add(place))
                continue;
            if (place.Head is not Symbol.Reference reference)
            {
                ready.Add(place);
                continue;
            }
            foreach (Symbol[] alternative in grammar.Rules[reference.Rule])
                open.Push(alternative.Reverse().Aggregate(place.Rest, (rest, symbol) => new Place(symbol, rest)) ?? Place.End);
        }
        return ready;
    }

    private sealed record Place(Symbol? Head, Place? Rest)
    {
        public static readonly Place End = new(null, null);
    }
}
