using FineTuneChat.Datasets;

namespace FineTuneChat.Training.Pretraining;

/// <summary>What a model is pretrained on.</summary>
/// <param name="TokenizerTexts">The texts that its vocabulary is learned from.</param>
/// <param name="Conversations">
/// What it learns, at least as much as its steps need. The order is fixed: a resumed run reads it again up to the step that it has reached.
/// </param>
public sealed record PretrainCorpus(IEnumerable<string> TokenizerTexts, IEnumerable<Conversation> Conversations);
