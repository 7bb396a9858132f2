namespace FineTuneChat.Templates;

/// <summary>Consecutive characters of one origin.</summary>
/// <param name="Length">Number of UTF-16 units, at least 1.</param>
/// <param name="Origin">Where all of them come from.</param>
public readonly record struct TextRun(int Length, Origin Origin);
