using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Security;

/// <summary>Addresses as people mistype them: each is read as Kestrel will read it, or refused with one to write instead.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://[::ffff:127.0.0.1]", "Write http://127.0.0.1:80.")]
    [InlineData("http://[::ffff:7f00:1]:1234", "Write http://127.0.0.1:1234.")]
    [InlineData("http://localhost:0", "Write http://127.0.0.1:0.")]
    [InlineData("http://somebody@127.0.0.1:1234", "not an address")] // Kestrel: a host name, so every network
    [InlineData("http://127.0.0.1:1234?x", "not an address")] // the same
    [InlineData("http://127.0.0.1:1234#x", "not an address")]
    [InlineData("http://127.0.0.1:1234/path", "not an address")]
    [InlineData("http:\\\\127.0.0.1:1234", "not an address")]
    [InlineData("http://127.0.0.1:99999", "not an address")]
    [InlineData("http://127.0.0.1:port", "not an address")]
    [InlineData("http://127.0.0.1.5:1234", "not an address")]
    [InlineData("http://[::zz]:1234", "not an address")]
    [InlineData("http://unix:/tmp/x.sock", "not an address")]
    [InlineData("http://", "not an address")]
    [InlineData("ftp://127.0.0.1", "not an address")]
    [InlineData("garbage", "not an address")]
    [InlineData(" ; ", "not an address")] // Kestrel would take a port of its own
    [InlineData("http://127.0.0.1:1234;garbage", "'garbage' is not an address")]
    public void What_cannot_be_listened_on_is_refused_in_one_line(string urls, string words) =>
        Assert.All((Func<UserException>[])
        [
            () => Assert.Throws<UserException>(() => ListenAddresses.CheckFree(urls)),
            () => Assert.Throws<UserException>(() => { ListenAddresses.Check(urls, new SecuritySettings(), hasKey: true); }),
        ], refused => Assert.Contains(words, refused().Message, StringComparison.Ordinal));

    [Theory]
    [InlineData("http://127.0.0.1:1234", true, 1234)]
    [InlineData("HTTP://LocalHost:1234/", true, 1234)]
    [InlineData("https://[::1]", true, 443)]
    [InlineData("http://127.1.2.3", true, 80)]
    [InlineData("http://*:0", false, 0)]
    [InlineData("http://my-machine:80", false, 80)]
    [InlineData("http://[fe80::1%eth0]:1234", false, 1234)]
    public void An_address_has_a_port_and_is_for_this_machine_or_for_all(string url, bool isLoopback, int port)
    {
        ListenAddress address = Assert.Single(ListenAddress.Parse(url));
        Assert.Equal((isLoopback, port), (address.IsLoopback, address.Port));
    }

    [Theory]
    [InlineData("http://somebody@127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0")]
    public async Task An_engine_that_asks_for_no_key_cannot_be_talked_into_listening_to_others(string url)
    {
        var (code, _, errors) = await ProgramProcess.RunAsync("engine", "--model", "missing.gguf", "--urls", url);
        Assert.Equal(1, code);
        Assert.Contains("http://127.0.0.1:", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
