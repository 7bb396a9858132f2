using FineTuneChat.Training.Pretraining;

namespace FineTuneChat.Training.Tests.Pretraining;

/// <summary>Which shape and course a corpus gets: the rules of docs/pretraining.md.</summary>
public sealed class CorpusPlanTests
{
    private const long Roomy = 64L << 30;

    [Theory]
    [InlineData(200_000, 1024, 128, 4, 16)]
    [InlineData(5_000_000, 2048, 128, 4, 12)]
    [InlineData(100_000_000, 8192, 192, 6, 4)]
    [InlineData(2_000_000_000, 16_384, 768, 12, 4)]
    public void A_longer_text_gets_a_larger_model_and_fewer_passes(long characters, int vocabulary, int width, int layers, int epochs)
    {
        CorpusPlan plan = CorpusPlan.For(characters, new CorpusRequest { Hours = 10_000 }, threads: 8, Roomy);
        Assert.Equal((vocabulary, width, layers), (plan.Recipe.Tokenizer.Size, plan.Recipe.Model.Width, plan.Recipe.Model.Layers));
        Assert.Equal(epochs, plan.Epochs, 0.2);
    }

    [Fact]
    public void A_smaller_machine_or_less_time_gets_a_smaller_model()
    {
        CorpusPlan large = CorpusPlan.For(2_000_000_000, new CorpusRequest { Hours = 10_000 }, 8, Roomy);
        Assert.True(CorpusPlan.For(2_000_000_000, new CorpusRequest { Hours = 10_000 }, 8, 1L << 29).Parameters < large.Parameters);
        Assert.True(CorpusPlan.For(2_000_000_000, new CorpusRequest { Hours = 100 }, 8, Roomy).Parameters < large.Parameters);
    }

    [Fact]
    public void What_is_given_holds()
    {
        Recipe recipe = CorpusPlan.For(
            200_000, new CorpusRequest { VocabularySize = 512, Layers = 2, Width = 32, Context = 128, Steps = 7, LearningRate = 0.01 }, 1, Roomy).Recipe;
        ModelRecipe model = recipe.Model;
        Assert.Equal((512, 2, 32, 128), (recipe.Tokenizer.Size, model.Layers, model.Width, model.Context));
        Assert.Equal((7, 0.01), (recipe.Optimizer.Steps, recipe.Optimizer.LearningRate));
        var error = Assert.Throws<InvalidDataException>(() => CorpusPlan.For(200_000, new CorpusRequest { Width = 33 }, 1, Roomy));
        Assert.Contains("model.width is 33; a multiple of 32 to 2048 is allowed", error.Message);
    }
}
