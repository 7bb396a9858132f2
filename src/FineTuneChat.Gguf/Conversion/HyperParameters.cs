namespace FineTuneChat.Gguf.Conversion;

/// <summary>The entries of a GGUF file that say how its model computes.</summary>
internal static class HyperParameters
{
    /// <exception cref="NotSupportedException">The model computes otherwise than llama.cpp would.</exception>
    public static void Write(GgufMetadata metadata, ModelConfig config, ModelSizes sizes, RopeConversion rope)
    {
        Require(config);
        string prefix = config.Architecture.Name + ".";
        metadata.Set(prefix + "vocab_size", (uint)sizes.Vocabulary);
        metadata.Set(prefix + "context_length", (uint)sizes.Context);
        metadata.Set(prefix + "embedding_length", (uint)sizes.Width);
        metadata.Set(prefix + "block_count", (uint)sizes.Layers);
        metadata.Set(prefix + "feed_forward_length", (uint)sizes.FeedForward);
        metadata.Set(prefix + "attention.head_count", (uint)sizes.Heads);
        metadata.Set(prefix + "attention.head_count_kv", (uint)sizes.KvHeads);
        metadata.Set(prefix + "attention.key_length", (uint)sizes.HeadWidth);
        metadata.Set(prefix + "attention.value_length", (uint)sizes.HeadWidth);
        metadata.Set(prefix + "attention.layer_norm_rms_epsilon", sizes.NormEpsilon);
        foreach (var (key, value) in rope.Entries)
            metadata.Set(prefix + key, value);
        config.Architecture.Describe(config, sizes, metadata);
    }

    private static void Require(ModelConfig config)
    {
        if (config.Find("quantization_config") is { } quantised)
            throw new NotSupportedException($"{config.Path}: its weights are quantised ({quantised.Text("quant_method") ?? "quantization_config"}); convert the "
                + "model that they were made from, and quantise with --type.");
        string activation = config.Text("hidden_activation") ?? config.Text("hidden_act") ?? config.Architecture.Activation;
        if (activation != config.Architecture.Activation)
            throw config.Unsupported($"the activation is '{activation}', not '{config.Architecture.Activation}'");
    }
}
