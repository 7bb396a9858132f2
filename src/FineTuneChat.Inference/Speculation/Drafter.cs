namespace FineTuneChat.Inference.Speculation;

/// <summary>Guesses how a reply goes on, by the text that its request predicts and by what stands in prompt and reply already.</summary>
internal sealed class Drafter
{
    private const int Most = 32; // tokens of a draft
    private const int LeastPredicted = 3; // tokens that must agree with the predicted text

    private readonly int[] _tokens; // the sequence's own
    private readonly int[] _predicted; // after the end of the prompt, which is what it follows
    private readonly int _most;
    private readonly Acceptance _acceptance;
    private int[] _source;
    private int _next, _kind;

    /// <param name="tokens">The sequence's own: prompt, then reply, then room in which guesses are written.</param>
    /// <param name="prompt">What its prompt is.</param>
    /// <param name="predicted">What its client says that the reply is likely to be; empty: nothing.</param>
    /// <param name="most">Tokens that may be drafted at once.</param>
    /// <param name="usual">How often guesses of all sequences are right.</param>
    public Drafter(int[] tokens, IReadOnlyList<int> prompt, IReadOnlyList<int> predicted, int most, Acceptance usual)
    {
        _source = _tokens = tokens;
        _predicted = predicted.Count > 0 ? [.. prompt.TakeLast(PromptLookup.Longest), .. predicted] : [];
        _most = Math.Min(Most, most);
        _acceptance = new Acceptance(usual);
    }

    /// <summary>What has come of it.</summary>
    public DraftCounts Counts { get; private set; }

    /// <summary>Tokens that the next draft shall have.</summary>
    public int Planned { get; private set; }

    /// <summary>How likely one more token of it would be right, which takes all before it to be right; 0 = there can be none.</summary>
    public double Gain { get; private set; }

    private int Limit { get; set; }

    /// <summary>Looks for a guess.</summary>
    /// <param name="count">Tokens of prompt and reply.</param>
    /// <returns>Whether there is one.</returns>
    public bool Look(int count)
    {
        ReadOnlySpan<int> all = _tokens.AsSpan(0, count);
        (int next, int length) = _predicted.Length > 0 ? PromptLookup.Find(_predicted.AsSpan(..^1), all) : default;
        bool isPredicted = length >= LeastPredicted;
        if (!isPredicted)
            (next, length) = PromptLookup.Find(all[..^1], all);
        (_source, _next) = (isPredicted ? _predicted : _tokens, next);
        _kind = isPredicted ? Acceptance.Predicted : length > 0 ? Acceptance.KindOf(length) : 0;
        Limit = length > 0 ? Math.Min(_most, _tokens.Length - count - 1) : 0; // the token after the draft has its room, too
        if (isPredicted)
            Limit = Math.Min(Limit, _predicted.Length - next);
        return length > 0;
    }

    public void Clear() => (Planned, Gain) = (0, Limit > 0 ? _acceptance[_kind] : 0);

    /// <summary>One more token.</summary>
    public void Plan()
    {
        Planned++;
        Gain = Planned < Limit ? Gain * _acceptance[_kind] : 0;
    }

    /// <summary>Writes guesses behind the tokens. What repeats itself is guessed to go on so: a guess may go by guesses before it.</summary>
    /// <returns>How many there are: one at least, which is judged, though it may not be computed.</returns>
    public int Write(int count)
    {
        int guesses = Math.Max(1, Planned);
        for (int i = 0; i < guesses; i++)
            _tokens[count + i] = _source[_next + i];
        return guesses;
    }

    /// <summary>Called for each guess when the token is known.</summary>
    public void Judge(bool isRight, bool isDrafted)
    {
        _acceptance.Add(_kind, isRight);
        if (isRight && isDrafted)
            Counts += new DraftCounts(0, 1, 0, _kind == Acceptance.Predicted ? 1 : 0);
    }

    /// <summary>Called when a draft has been computed.</summary>
    public void Computed(int tokens) => Counts += new DraftCounts(tokens, 0, _kind == Acceptance.Predicted ? tokens : 0, 0);
}
