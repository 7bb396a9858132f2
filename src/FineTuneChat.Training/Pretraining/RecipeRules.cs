namespace FineTuneChat.Training.Pretraining;

/// <summary>What a <see cref="Recipe"/> may hold.</summary>
internal static class RecipeRules
{
    /// <summary>A sentence without its full stop for each wrong value: key, value, what is allowed.</summary>
    public static IEnumerable<string> Check(Recipe recipe)
    {
        var (tokenizer, model, optimizer) = (recipe.Tokenizer, recipe.Model, recipe.Optimizer);
        IEnumerable<string?> findings =
        [
            Rule("name", recipe.Name, recipe.Name.Trim().Length > 0, "a name is needed"),
            Range("tokenizer.size", tokenizer.Size, 512, 32_768),
            Range("tokenizer.conversations", tokenizer.Conversations, 1_000, 1_000_000),
            Range("tokenizer.fewest_uses", tokenizer.FewestUses, 0, int.MaxValue),
            Multiple("model.width", model.Width, 2_048),
            Range("model.layers", model.Layers, 1, 64),
            Rule(
                "model.heads", model.Heads, model.Heads > 0 && model.Width % model.Heads == 0 && model.HeadWidth % 2 == 0,
                $"a divisor of the width {model.Width} that leaves an even head width is allowed"),
            Rule("model.kv_heads", model.KvHeads, model.KvHeads > 0 && model.Heads % model.KvHeads == 0, $"a divisor of the {model.Heads} heads is allowed"),
            Multiple("model.feed_forward", model.FeedForward, 16_384),
            Rule("model.rope_base", model.RopeBase, model.RopeBase > 1 && double.IsFinite(model.RopeBase), "more than 1 is allowed"),
            Range("model.context", model.Context, 128, 8_192),
            Range("optimizer.steps", optimizer.Steps, 1, 1_000_000),
            Range("optimizer.tokens_per_step", optimizer.TokensPerStep, 256, 1 << 20),
            Rule("optimizer.learning_rate", optimizer.LearningRate, optimizer.LearningRate is > 0 and <= 0.1, "more than 0, at most 0.1 is allowed"),
            Range("optimizer.final_fraction", optimizer.FinalFraction, 0, 1),
            Range("optimizer.warmup_steps", optimizer.WarmupSteps, 0, optimizer.Steps),
            Rule("optimizer.beta1", optimizer.Beta1, optimizer.Beta1 is >= 0 and < 1, "0 to below 1 is allowed"),
            Rule("optimizer.beta2", optimizer.Beta2, optimizer.Beta2 is >= 0 and < 1, "0 to below 1 is allowed"),
            Range("optimizer.weight_decay", optimizer.WeightDecay, 0, 1),
            Range("optimizer.prompt_share", optimizer.PromptShare, 0, 1),
            Rule("optimizer.clip_norm", optimizer.ClipNorm, optimizer.ClipNorm > 0, "more than 0 is allowed"),
        ];
        return findings.OfType<string>();
    }

    private static string? Range(string key, double value, double low, double high) =>
        Rule(key, value, value >= low && value <= high, $"{low} to {high} is allowed");

    // All quantised types but the K-quants pack 32 weights of a row together; where K-quants (256) cannot, llama.cpp takes one of these.
    private static string? Multiple(string key, int value, int high) =>
        Rule(key, value, value > 0 && value % 32 == 0 && value <= high, $"a multiple of 32 to {high} is allowed");

    private static string? Rule(string key, object value, bool holds, string allowed) => holds ? null : $"{key} is {value}; {allowed}";
}
