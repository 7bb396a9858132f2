namespace FineTuneChat.Gguf.Conversion;

/// <summary>A model's sizes, as its configuration has them; the vocabulary is the embedding's.</summary>
internal sealed record ModelSizes(
    int Layers, int Width, int Heads, int KvHeads, int HeadWidth, int FeedForward, int Context, int Vocabulary, float NormEpsilon)
{
    private const int MostLayers = 1024, MostHeads = 4096, MostWidth = 1 << 20, MostContext = 1 << 28;

    public static ModelSizes Of(ModelConfig config, int vocabulary)
    {
        int width = config.Integer("hidden_size", 1, MostWidth), heads = config.Integer("num_attention_heads", 1, MostHeads);
        var sizes = new ModelSizes(
            config.Integer("num_hidden_layers", 1, MostLayers),
            width,
            heads,
            config.Optional("num_key_value_heads", 1, MostHeads) ?? heads,
            config.Optional("head_dim", 2, MostWidth) ?? width / heads,
            config.Integer("intermediate_size", 1, MostWidth),
            config.Integer("max_position_embeddings", 1, MostContext),
            vocabulary,
            config.Number("rms_norm_eps", 0, 1) ?? throw config.Fault("it lacks \"rms_norm_eps\"; a number from 0 to 1 is needed"));
        if (heads % sizes.KvHeads != 0)
            throw config.Fault($"{heads} heads cannot share {sizes.KvHeads} key-value heads");
        return sizes.HeadWidth % 2 == 0 ? sizes : throw config.Fault($"its heads are {sizes.HeadWidth} wide; an even number is needed");
    }

    /// <summary>Rows of the queries' matrix.</summary>
    public long Queries => (long)Heads * HeadWidth;

    /// <summary>Rows of the keys' and of the values' matrix.</summary>
    public long Keys => (long)KvHeads * HeadWidth;
}
