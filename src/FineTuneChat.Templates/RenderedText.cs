namespace FineTuneChat.Templates;

/// <summary>What a template made of its variables.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="Runs">Where its characters come from, in order; the lengths add up to that of the text.</param>
public sealed record RenderedText(string Text, IReadOnlyList<TextRun> Runs);
