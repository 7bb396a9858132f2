using FineTuneChat.Starter.Corpus;
using FineTuneChat.Training.Pretraining;

namespace FineTuneChat.Starter;

/// <summary>The corpus that the starter is pretrained on.</summary>
public static class StarterCorpus
{
    /// <summary>The corpus of a recipe; the same recipe gives the same corpus on every machine.</summary>
    /// <param name="recipe">Its seed, and how many conversations the vocabulary is learned from.</param>
    public static PretrainCorpus Of(Recipe recipe) =>
        new ConversationCorpus(
            recipe.Seed,
            CorpusGenerator.TokenizerTexts(recipe.Seed, recipe.Tokenizer.Conversations),
            CorpusGenerator.Generate(recipe.Seed),
            recipe.Optimizer.PromptShare);
}
