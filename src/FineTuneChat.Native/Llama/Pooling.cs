namespace FineTuneChat.Native.Llama;

/// <summary>How the states of a text's tokens become one vector: llama.cpp's <c>llama_pooling_type</c>, as files have it, too.</summary>
public enum Pooling
{
    /// <summary>They do not.</summary>
    None = 0,

    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>The first token's, <c>[CLS]</c>.</summary>
    First = 2,

    /// <summary>The last token's.</summary>
    Last = 3,

    /// <summary>A reranker's head makes scores of the first or last one.</summary>
    Score = 4,
}
