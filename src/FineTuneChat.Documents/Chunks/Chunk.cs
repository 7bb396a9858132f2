namespace FineTuneChat.Documents.Chunks;

/// <summary>A piece of a document that is found, shown and cited as one.</summary>
/// <param name="Text">Passages, parted by an empty line; never empty.</param>
/// <param name="Heading">The headings above its first words.</param>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where its last passage begins.</param>
public sealed record Chunk(string Text, string Heading, Place From, Place To);
