using System.Text;
using FineTuneChat.Inference;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.OpenAi;
using WireLogprob = FineTuneChat.Protocol.OpenAi.TokenLogprob;

namespace FineTuneChat.Engine.Replies;

/// <summary>Probabilities of tokens in OpenAI's words. A token may be a part of a character: its bytes say what it is.</summary>
internal sealed class LogprobMapper(Vocabulary vocabulary)
{
    private const double Never = -9999; // JSON has no negative infinity; OpenAI's number for it

    public ChoiceLogprobs ToChat(IReadOnlyList<SampledToken> tokens) => new()
    {
        Content = [.. tokens.Select(t => Map(t.Chosen) with { TopLogprobs = [.. t.Likeliest.Select(Map)] })],
    };

    /// <summary>The older form, of <c>/v1/completions</c>.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="offset">Characters of the reply before them.</param>
    public CompletionLogprobs ToCompletion(IReadOnlyList<SampledToken> tokens, int offset)
    {
        var offsets = new List<int>();
        foreach (SampledToken token in tokens)
        {
            offsets.Add(offset);
            offset += TextOf(token.Chosen.Token).Length;
        }

        return new()
        {
            Tokens = [.. tokens.Select(t => TextOf(t.Chosen.Token))],
            TokenLogprobs = [.. tokens.Select(t => Finite(t.Chosen.Logprob))],
            TopLogprobs = [.. tokens.Select(t => t.Likeliest.DistinctBy(l => TextOf(l.Token)).ToDictionary(l => TextOf(l.Token), l => Finite(l.Logprob)))],
            TextOffset = offsets,
        };
    }

    private WireLogprob Map(Inference.TokenLogprob token) => new()
    {
        Token = TextOf(token.Token),
        Logprob = Finite(token.Logprob),
        Bytes = [.. BytesOf(token.Token).ToArray().Select(b => (int)b)],
    };

    private string TextOf(int token) => Encoding.UTF8.GetString(BytesOf(token));

    private ReadOnlySpan<byte> BytesOf(int token) => vocabulary.IsControl(token) ? vocabulary.SpecialPieceOf(token) : vocabulary.PieceOf(token);

    private static double Finite(float logprob) => float.IsFinite(logprob) ? logprob : Never;
}
