using System.Globalization;

namespace FineTuneChat.Protocol.Processes;

/// <summary>A LoRA adapter's file and how strongly it works, written <c>FILE</c> or <c>FILE:SCALE</c>.</summary>
internal sealed record AdapterChoice(string Path, float Scale = 1)
{
    public const float MaxScale = 100;

    public static AdapterChoice Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && float.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
            ? new(text[..colon], scale)
            : new(text);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Scale}");
}
