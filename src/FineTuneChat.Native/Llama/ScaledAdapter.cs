namespace FineTuneChat.Native.Llama;

/// <summary>An adapter and how strongly it works.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Scale">Factor on top of the adapter's own alpha / rank. Default: 1.</param>
public readonly record struct ScaledAdapter(LoadedAdapter Adapter, float Scale = 1);
