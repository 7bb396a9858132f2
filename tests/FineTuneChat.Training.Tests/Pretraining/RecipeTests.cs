using FineTuneChat.TestSupport;
using FineTuneChat.Training.Pretraining;

namespace FineTuneChat.Training.Tests.Pretraining;

public sealed class RecipeTests : IDisposable
{
    private static readonly Recipe Good = new(
        "test", 1, new(2560, 1000), new(256, 8, 4, 2, 1024, 10_000, 1024), new(100, 4096, 1e-3, 0.1, 10, 0.9, 0.98, 0.05, 1));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_written_recipe_is_read_again() => Assert.Equal(Good, Read(Good.ToJson()));

    [Theory]
    [InlineData("\"width\": 256", "\"width\": 250", "model.width is 250; a multiple of 32 to 2048 is allowed")]
    [InlineData("\"kv_heads\": 2", "\"kv_heads\": 3", "model.kv_heads is 3; a divisor of the 4 heads is allowed")]
    [InlineData("\"heads\": 4", "\"heads\": 0", "model.heads is 0; a divisor of the width 256")]
    [InlineData("\"learning_rate\": 0.001", "\"learning_rate\": 2", "optimizer.learning_rate is 2; more than 0, at most 0.1 is allowed")]
    [InlineData("\"warmup_steps\": 10", "\"warmup_steps\": 101", "optimizer.warmup_steps is 101; 0 to 100 is allowed")]
    [InlineData("\"size\": 2560", "\"size\": 100", "tokenizer.size is 100; 512 to 32768 is allowed")]
    [InlineData("\"seed\": 1", "\"sead\": 1", "sead")]
    [InlineData("\"seed\": 1", "\"seed\": \"one\"", "$.seed")]
    [InlineData("\"seed\": 1,", "", "seed")]
    [InlineData("\"name\": \"test\"", "\"name\": null", "name")]
    public void A_wrong_value_is_named_with_what_is_allowed(string was, string now, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Good.ToJson().Replace(was, now)));
        Assert.Contains(message, error.Message);
        Assert.Contains("recipe.json", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Several_wrong_values_are_told_together()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => Read(Good.ToJson().Replace("\"layers\": 8", "\"layers\": 0").Replace("\"context\": 1024", "\"context\": 5")));
        Assert.Contains("model.layers", error.Message);
        Assert.Contains("model.context", error.Message);
    }

    [Fact]
    public void The_starter_s_recipe_is_allowed_and_its_size_is_as_promised()
    {
        var recipe = Recipe.Read(Path.Combine(Repository.Root, "models", "starter", "recipe.json"));
        Assert.InRange(recipe.Model.Parameters(recipe.Tokenizer.Size), 5_000_000, 15_000_000);
    }

    private Recipe Read(string json)
    {
        var path = _folder["recipe.json"];
        File.WriteAllText(path, json);
        return Recipe.Read(path);
    }
}
