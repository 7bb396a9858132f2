using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests;

/// <summary>A random model, mapped, in a folder of the test's own.</summary>
internal sealed class TinyModel : IDisposable
{
    public TinyModel()
    {
        NativeLibraries.Load();
        Mapped = MappedModel.Open(RandomModel.Write(Folder["model.gguf"]));
    }

    public TemporaryFolder Folder { get; } = new();

    public MappedModel Mapped { get; }

    public void Dispose()
    {
        Mapped.Dispose();
        Folder.Dispose();
    }
}
