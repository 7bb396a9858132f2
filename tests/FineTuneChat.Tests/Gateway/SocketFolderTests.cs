using FineTuneChat.Gateway.Processes;

namespace FineTuneChat.Tests.Gateway;

/// <summary>The folder of the engines' sockets: a killed gateway cannot remove it, the next one does.</summary>
public sealed class SocketFolderTests
{
    [Fact]
    public void Only_folders_of_gateways_that_are_gone_are_removed()
    {
        using var running = new SocketFolder();
        string parent = Path.GetDirectoryName(running.Path)!;
        string killed = Directory.CreateDirectory(Path.Combine(parent, $"ftc-{Guid.NewGuid().ToString("N")[..8]}")).FullName; // a kill gives its lock free
        string anothers = Directory.CreateDirectory(Path.Combine(parent, $"ftc-{Guid.NewGuid().ToString("N")[..8]}")).FullName;
        File.WriteAllText(Path.Combine(killed, Path.GetFileName(Directory.GetFiles(running.Path).Single())), "");
        File.WriteAllText(Path.Combine(killed, "12345678.sock"), "");
        try
        {
            new SocketFolder().Dispose();
            Assert.False(Directory.Exists(killed));
            Assert.True(Directory.Exists(running.Path));
            Assert.True(Directory.Exists(anothers));
        }
        finally
        {
            Directory.Delete(anothers);
        }
    }
}
