using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Tools;

/// <summary>One gateway with an engine for the tests of tools in chats.</summary>
public sealed class ToolChatGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestGateway Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        RandomModel.Write(_folder["random.gguf"], TestGateway.LongContext);
        Gateway = await TestGateway.StartReadyAsync(_folder);
        await Gateway.PostAsync("/api/tools/servers", new { name = "builtin" });
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class ToolChats : ICollectionFixture<ToolChatGateway>
{
    public const string Name = "tool chats";
}
