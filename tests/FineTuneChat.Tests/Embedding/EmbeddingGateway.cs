using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Embedding;

/// <summary>One running gateway with the real embedding model for all tests of it.</summary>
public sealed class EmbeddingGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestGateway Gateway { get; private set; } = null!;

    internal EmbedderProcess Process => Gateway.Get<EmbedderProcess>();

    public async Task InitializeAsync()
    {
        Gateway = await TestGateway.StartReadyAsync(_folder, ("Embedding:Enabled", "true"), ("Embedding:QuestionMilliseconds", "10000"));
        await EmbedAsync("warm");
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }

    internal async Task<float[][]> EmbedAsync(params string[] texts) =>
        (await Gateway.Get<ITextEmbedder>().EmbedAsync(texts, CancellationToken.None)) ?? throw new InvalidOperationException(Process.Problem);
}

/// <summary>They follow each other: the process is killed in some.</summary>
[CollectionDefinition(Name)]
public sealed class EmbeddingTestGroup : ICollectionFixture<EmbeddingGateway>
{
    public const string Name = "Embedding";
}
