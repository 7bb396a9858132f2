using FineTuneChat.Inference.Caching;
using FineTuneChat.Inference.Logprobs;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Speculation;
using FineTuneChat.Inference.Text;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>A reply on its way through the engine: its tokens so far, and how many of them the cache holds.</summary>
internal sealed class Sequence
{
    private readonly int[] _tokens; // prompt, then reply
    private readonly int _limit;
    private int _guessed; // tokens behind the last one that are only likely

    public Sequence(Generation generation, int contextLength, int choice = 0, Speculator? speculator = null)
    {
        Generation = generation;
        Choice = choice;
        GenerationRequest request = generation.Request;
        PromptLength = request.Prompt.Count;
        _limit = (int)Math.Min(contextLength, (long)PromptLength + (request.MaxTokens ?? contextLength));
        _tokens = new int[_limit];
        for (int i = 0; i < PromptLength; i++)
            _tokens[i] = request.Prompt[i];
        Count = PromptLength;
        Sampler = generation.TakeSampler(choice);
        Text = new TextStream(request.Stops);
        Held = request.TopLogprobs is null ? null : new HeldTokens();
        Drafter = speculator?.NewDrafter(_tokens, request);
    }

    public Generation Generation { get; }

    /// <summary>Who asked for it; set when it comes to a scheduler.</summary>
    public Client Client { get; set; } = null!;

    /// <summary>What it is computed with, beside the model.</summary>
    public Adapter? Adapter => Generation.Request.Adapter;

    /// <summary>Which of the request's replies it is.</summary>
    public int Choice { get; }

    /// <summary>Its place in the cache, while it runs.</summary>
    public CachedSequence? Place { get; private set; }

    public ITokenSampler Sampler { get; }

    public TextStream Text { get; }

    /// <summary>Where the request asks for probabilities.</summary>
    public HeldTokens? Held { get; }

    /// <summary>Guesses its next tokens; null where nothing is computed ahead.</summary>
    public Drafter? Drafter { get; }

    /// <summary>Guessed tokens that are computed behind the last one.</summary>
    public int Drafted { get; private set; }

    public int PromptLength { get; }

    /// <summary>Tokens of prompt and reply.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens from the start whose keys and values are in the cache.</summary>
    public int Computed
    {
        get => Place?.Computed ?? 0;
        set => Place!.Computed = value;
    }

    /// <summary>Tokens that must be computed before the next one can be sampled.</summary>
    public int Pending => Count - Computed;

    /// <summary>Prompt tokens that were found in the cache.</summary>
    public int Cached { get; private set; }

    public int Generated => Count - PromptLength;

    /// <summary>The reply has reached its token limit or the context's end.</summary>
    public bool IsFull => Count == _limit;

    /// <summary>Number of the step that computed something of it last, or in which it entered: who waits longest has the smallest.</summary>
    public long LastStep { get; set; }

    /// <summary>Clock readings: first taken into a batch, first token sampled.</summary>
    public long? Started { get; set; }

    public long? FirstToken { get; set; }

    public int this[int index] => _tokens[index];

    /// <summary>Takes the draft that is planned.</summary>
    public void Draft()
    {
        _guessed = Drafter!.Write(Count);
        Drafted = Drafter.Planned;
    }

    /// <summary>Called when the draft could not be computed.</summary>
    public void DropDraft() => Drafted = 0;

    /// <summary>Adds the token that was sampled.</summary>
    /// <returns>Whether it is the one that was drafted: what comes next is computed already.</returns>
    public bool Append(int token)
    {
        bool isRight = _guessed > 0 && _tokens[Count] == token, isDrafted = isRight && Drafted > 0;
        if (_guessed > 0)
            Drafter!.Judge(isRight, isDrafted);
        _guessed = isRight ? _guessed - 1 : 0;
        Drafted = isDrafted ? Drafted - 1 : 0;
        _tokens[Count++] = token;
        if (Place is not null)
            Place.Cells.End = Count;
        if (isDrafted)
            Computed++;
        return isDrafted;
    }

    /// <summary>Tokens at the beginning that it could share with another.</summary>
    public int CommonWith(Sequence other)
    {
        GenerationRequest request = Generation.Request;
        return request.ReusePrefix && Generation.CacheScope == other.Generation.CacheScope
            ? _tokens.AsSpan(0, Count - 1).CommonPrefixLength(other._tokens.AsSpan(0, other.Count))
            : 0;
    }

    /// <summary>Takes a place in the cache.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryEnter(PrefixCache cache, int headroom)
    {
        Place = cache.TryEnter(_tokens, Count, Generation.CacheScope, Generation.Request.ReusePrefix, headroom);
        if (Started is null)
            Cached = Computed; // later it may find its own
        return Place is not null;
    }

    /// <summary>Gives the place back, to wait for another.</summary>
    /// <param name="cache">Where the place is.</param>
    /// <param name="keep">Whether the cache may keep what is computed, as of an ended sequence; otherwise all of it must be computed again.</param>
    public void Preempt(PrefixCache cache, bool keep)
    {
        if (keep)
            cache.Leave(Place!);
        else
            cache.Drop(Place!);
        Place = null;
    }
}
