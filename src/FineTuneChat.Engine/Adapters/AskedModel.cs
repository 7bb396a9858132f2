using FineTuneChat.Inference.Running;

namespace FineTuneChat.Engine.Adapters;

/// <summary>What a request asks for: the model alone, or one of its adapters, which stays loaded until this is disposed.</summary>
/// <param name="Name">What the reply calls it.</param>
/// <param name="Use">Null: the model alone.</param>
internal sealed record AskedModel(string Name, AdapterUse? Use = null) : IDisposable
{
    public Adapter? Adapter => Use?.Adapter;

    public void Dispose() => Use?.Dispose();
}
