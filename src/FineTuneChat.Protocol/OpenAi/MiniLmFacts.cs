namespace FineTuneChat.Protocol.OpenAi;

/// <summary>The embedding model that comes with the program, as its process and those who ask it know it.</summary>
internal static class MiniLmFacts
{
    public const string Name = "minilm";

    public const long Created = 1630281600; // when it was published

    /// <summary>Numbers in a vector.</summary>
    public const int Dimensions = 384;

    /// <summary>Tokens of a text, its marks included: more it has not been trained on.</summary>
    public const int ContextLength = 256;
}
