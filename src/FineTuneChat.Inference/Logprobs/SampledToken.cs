namespace FineTuneChat.Inference;

/// <summary>A token of a reply, and how likely the model held it, before anything of <see cref="SamplingParameters"/>.</summary>
/// <param name="Chosen">The token itself.</param>
/// <param name="Likeliest">The likeliest tokens at its place, likeliest first.</param>
public sealed record SampledToken(TokenLogprob Chosen, IReadOnlyList<TokenLogprob> Likeliest);

/// <summary>A token's probability.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Logprob">Natural logarithm of its probability, at most 0.</param>
public readonly record struct TokenLogprob(int Token, float Logprob);
