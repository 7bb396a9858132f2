namespace FineTuneChat.Chat.Templates;

/// <summary>Consecutive characters of one origin.</summary>
internal readonly record struct TextRun(int Length, Origin Origin);
