using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Text;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>A reply on its way through the engine: its tokens so far, and how many of them the cache holds.</summary>
internal sealed class Sequence
{
    private readonly int[] _tokens; // prompt, then reply
    private readonly int _limit;

    public Sequence(Generation generation, int contextLength)
    {
        Generation = generation;
        GenerationRequest request = generation.Request;
        PromptLength = request.Prompt.Count;
        _limit = (int)Math.Min(contextLength, (long)PromptLength + (request.MaxTokens ?? contextLength));
        _tokens = new int[_limit];
        for (int i = 0; i < PromptLength; i++)
            _tokens[i] = request.Prompt[i];
        Count = PromptLength;
        Text = new TextStream(request.Stops);
    }

    public Generation Generation { get; }

    /// <summary>Sequence id in the cache, while it runs.</summary>
    public int Slot { get; set; } = -1;

    public ITokenSampler? Sampler { get; set; }

    public TextStream Text { get; }

    public int PromptLength { get; }

    /// <summary>Tokens of prompt and reply.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens from the start whose keys and values are in the cache.</summary>
    public int Computed { get; set; }

    /// <summary>Tokens that must be computed before the next one can be sampled.</summary>
    public int Pending => Count - Computed;

    /// <summary>Prompt tokens that were found in the cache.</summary>
    public int Cached { get; set; }

    public int Generated => Count - PromptLength;

    /// <summary>The reply has reached its token limit or the context's end.</summary>
    public bool IsFull => Count == _limit;

    /// <summary>Clock readings: first taken into a batch, first token sampled.</summary>
    public long? Started { get; set; }

    public long? FirstToken { get; set; }

    public int this[int index] => _tokens[index];

    public void Append(int token) => _tokens[Count++] = token;
}
