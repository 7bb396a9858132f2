using System.Text;
using FineTuneChat.Inference;

namespace FineTuneChat.Engine;

/// <summary>One reply, put together from its events.</summary>
internal sealed class WrittenChoice
{
    private readonly StringBuilder _text = new();
    private readonly List<SampledToken> _tokens = [];

    public string Text => _text.ToString();

    /// <summary>Empty where the request does not ask for probabilities.</summary>
    public IReadOnlyList<SampledToken> Tokens => _tokens;

    /// <summary>Null until it has ended.</summary>
    public GenerationSummary? Summary { get; private set; }

    public void Add(GenerationEvent next)
    {
        _text.Append(next.Text);
        _tokens.AddRange(next.Tokens ?? []);
        Summary ??= next.Summary;
    }
}
