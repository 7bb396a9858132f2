using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Pretraining;

/// <summary>What a model is pretrained on.</summary>
public abstract class PretrainCorpus
{
    /// <summary>The texts that a vocabulary is learned from.</summary>
    public abstract IEnumerable<string> TokenizerTexts { get; }

    /// <summary>
    /// What it learns, at least as much as its steps need. The order is fixed: a resumed run reads it again up to the step that it has reached.
    /// </summary>
    /// <param name="tokenizer">The model's own.</param>
    public abstract IEnumerable<TrainingExample> Examples(LlamaModel tokenizer);

    /// <summary>What it is measured with and does not learn; may be empty.</summary>
    /// <param name="tokenizer">The model's own.</param>
    public virtual IReadOnlyList<TrainingExample> HeldOut(LlamaModel tokenizer) => [];

    /// <summary>What decides these beside a recipe, by names for its user.</summary>
    public virtual IReadOnlyDictionary<string, string> Identity { get; } = new Dictionary<string, string>();
}
