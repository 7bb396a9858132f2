namespace FineTuneChat.Gguf.Models;

/// <summary>Sizes of one layer.</summary>
/// <param name="Heads">Query heads; 0 = the layer has no attention.</param>
/// <param name="KvHeads">Key and value heads, a divisor of <paramref name="Heads"/>.</param>
/// <param name="KeyWidth">Width of a key of one head.</param>
/// <param name="ValueWidth">Width of a value of one head.</param>
/// <param name="FeedForward">Width of the feed-forward layer; 0 = the file does not say.</param>
/// <param name="IsWindowed">Whether its tokens see only the last <see cref="ModelShape.Window"/> ones, and its cache holds no more.</param>
public sealed record LayerShape(int Heads, int KvHeads, int KeyWidth, int ValueWidth, int FeedForward, bool IsWindowed);
