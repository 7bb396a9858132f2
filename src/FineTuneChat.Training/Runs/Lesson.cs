using FineTuneChat.Chat.Encoding;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Training.Runs;

/// <summary>Something that a run must learn.</summary>
/// <param name="Example">The row.</param>
/// <param name="Measure">By what it will be judged.</param>
public sealed record Lesson(TrainingExample Example, ReplyMeasure Measure);
