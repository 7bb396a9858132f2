namespace FineTuneChat.Gguf.Models;

/// <summary>What a model makes of a text.</summary>
public enum ModelPurpose
{
    /// <summary>More text.</summary>
    Text,

    /// <summary>A vector.</summary>
    Embeddings,

    /// <summary>A number: how well a document answers a query.</summary>
    Rerank,
}

/// <summary>What a model's file says of its purpose.</summary>
public static class ModelPurposes
{
    private const int Score = 4; // enum llama_pooling_type: a head on the pooled state

    /// <summary>By how the file says that the states of its tokens are pooled; encoders can only make vectors.</summary>
    /// <param name="file">The header of a model.</param>
    public static ModelPurpose Of(GgufFile file)
    {
        string architecture = file.Architecture ?? "";
        return file.Metadata.Integer($"{architecture}.pooling_type") switch
        {
            Score => ModelPurpose.Rerank,
            > 0 => ModelPurpose.Embeddings,
            _ => IsEncoder(architecture) ? ModelPurpose.Embeddings : ModelPurpose.Text,
        };
    }

    /// <summary>The word for it in lists of models, as LM Studio has it, and <c>rerank</c>.</summary>
    public static string TypeOf(ModelPurpose purpose) => purpose switch
    {
        ModelPurpose.Embeddings => "embeddings",
        ModelPurpose.Rerank => "rerank",
        _ => "llm",
    };

    private static bool IsEncoder(string architecture) => architecture.Contains("bert", StringComparison.Ordinal) || architecture == "t5encoder";
}
