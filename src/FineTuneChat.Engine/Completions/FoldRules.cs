namespace FineTuneChat.Engine.Completions;

/// <summary>Tokens of a turn: of its question, and of what followed it so far.</summary>
internal readonly record struct TurnSize(int Question, int Rest)
{
    public int All => Question + Rest;
}

/// <summary>
/// Where a talk folds that outgrows its room: at a question for which there is no room, so many of the oldest turns go that half of the room is free. It
/// follows from the turns up to that question alone, so that the next request of the talk folds at the same places: between two foldings the front of the
/// prompt stays, and the prefix cache holds it. Pure.
/// </summary>
internal static class FoldRules
{
    private const double Share = 2.0 / 3; // of the context: the rest is for the reply, a summary and corrections that are recalled
    private const double Most = 0.85; // of the context, with results of tools after the last question

    /// <summary>How many turns were left out by then, at each folding, oldest first.</summary>
    /// <param name="head">Tokens of what always stays.</param>
    /// <param name="turns">Oldest first; the last one always stays.</param>
    /// <param name="context">Tokens of the model's context.</param>
    public static IReadOnlyList<int> Of(int head, IReadOnlyList<TurnSize> turns, int context)
    {
        int room = (int)(context * Share);
        var folds = new List<int>();
        int first = 0, held = head;
        for (int asked = 0; asked < turns.Count; held += turns[asked++].Rest)
        {
            held += turns[asked].Question;
            if (held > room)
                Fold(asked, room / 2);
        }
        if (held > context * Most)
            Fold(turns.Count - 1, room);
        return folds;

        void Fold(int last, int target)
        {
            int before = first;
            for (; first < last && held > target; first++)
                held -= turns[first].All;
            if (first > before)
                folds.Add(first);
        }
    }
}
