namespace FineTuneChat.Native.Llama;

/// <summary>What a token is, as llama.cpp's <c>llama_token_attr</c> counts it.</summary>
[Flags]
public enum TokenAttributes
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>Stands for what the vocabulary lacks.</summary>
    Unknown = 1 << 0,

    /// <summary>Reserved, never produced.</summary>
    Unused = 1 << 1,

    /// <summary>Ordinary text.</summary>
    Normal = 1 << 2,

    /// <summary>Steers the model; never text.</summary>
    Control = 1 << 3,

    /// <summary>Added by the model's maker; matched in any text, and text itself.</summary>
    UserDefined = 1 << 4,

    /// <summary>One raw byte.</summary>
    Byte = 1 << 5,

    /// <summary>Its text was normalised.</summary>
    Normalized = 1 << 6,

    /// <summary>Takes the white space before it.</summary>
    LeftStrip = 1 << 7,

    /// <summary>Takes the white space after it.</summary>
    RightStrip = 1 << 8,

    /// <summary>Matches whole words only.</summary>
    SingleWord = 1 << 9,
}
