namespace FineTuneChat.Chat.Encoding;

/// <summary>A row of training as it grows by one reply after the other.</summary>
internal sealed class TrainingRow
{
    private readonly List<int> _tokens = [];
    private readonly List<bool> _mask = [];
    private readonly List<int> _turns = [];
    private readonly List<int> _emptyTurns = [];

    /// <summary>Whether the next reply's prompt begins with all that is here.</summary>
    public bool IsPrefixOf(int[] prompt) => prompt.AsSpan().StartsWith(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens));

    public void Add(int turn, int[] prompt, int[] context, int[] target, bool isEmpty)
    {
        Append(prompt.AsSpan(_tokens.Count), isTarget: false);
        Append(context, isTarget: false);
        Append(target, isTarget: true);
        _turns.Add(turn);
        if (isEmpty)
            _emptyTurns.Add(turn);
    }

    public TrainingExample ToExample() => new([.. _tokens], [.. _mask]) { Turns = _turns, EmptyTurns = _emptyTurns };

    private void Append(ReadOnlySpan<int> tokens, bool isTarget)
    {
        _tokens.AddRange(tokens);
        _mask.AddRange(Enumerable.Repeat(isTarget, tokens.Length));
    }
}
