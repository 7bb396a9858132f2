using FineTuneChat.Cli;
using FineTuneChat.Protocol;

namespace FineTuneChat.Tests.Cli;

public sealed class SystemLibrariesTests
{
    [Fact]
    public void A_Linux_without_OpenSSL_is_told_in_one_line_what_to_install()
    {
        string message = Assert.Throws<UserException>(() => SystemLibraries.Require(_ => false, isLinux: true)).Message;
        Assert.Contains("apt install libssl3", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void An_older_OpenSSL_will_do() => SystemLibraries.Require(name => name == "libssl.so.1.1", isLinux: true);

    [Fact]
    public void Other_systems_bring_their_own() => SystemLibraries.Require(_ => false, isLinux: false);
}
