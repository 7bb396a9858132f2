namespace FineTuneChat.Gguf;

/// <summary>Bounds on what a GGUF file may declare, far above any real model: a hostile file is refused before memory is taken for it.</summary>
internal static class GgufLimits
{
    public const int Tensors = 65_536;
    public const int Entries = 65_536;
    public const int KeyBytes = 65_535;
    public const int NameBytes = 63;
    public const int StringBytes = 16 * 1024 * 1024;
    public const int ArrayElements = 8 * 1024 * 1024;
    public const int Dimensions = 4;
    public const int Alignment = 1 << 16;
}
