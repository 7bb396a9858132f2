using FineTuneChat.Inference;

namespace FineTuneChat.Engine.Replies;

/// <summary>One reply, put together from its events.</summary>
internal sealed class WrittenChoice
{
    private readonly List<GenerationEvent> _events = [];
    private readonly List<SampledToken> _tokens = [];

    public IReadOnlyList<GenerationEvent> Events => _events;

    public string Text => string.Concat(_events.Select(e => e.Text));

    /// <summary>Empty where the request does not ask for probabilities.</summary>
    public IReadOnlyList<SampledToken> Tokens => _tokens;

    /// <summary>Null until it has ended.</summary>
    public GenerationSummary? Summary { get; private set; }

    public void Add(GenerationEvent next)
    {
        _events.Add(next);
        _tokens.AddRange(next.Tokens ?? []);
        Summary ??= next.Summary;
    }
}
