using FineTuneChat.Desktop;
using FineTuneChat.Gateway.Access;

namespace FineTuneChat.Tests.Desktop;

public sealed class BrowserTests
{
    [Theory]
    [InlineData("auto", false, true, true)]   // a click on a desktop
    [InlineData("auto", true, true, false)]   // a terminal shows the address
    [InlineData("auto", false, false, false)] // a server, a container, an SSH session without a display
    [InlineData("auto", true, false, false)]
    [InlineData("on", true, false, true)]
    [InlineData("off", false, true, false)]
    public void The_browser_opens_for_who_sees_no_terminal_on_a_desktop(string setting, bool hasTerminal, bool isDesktop, bool isWanted) =>
        Assert.Equal(isWanted, Browser.IsWanted(setting, new Surroundings(hasTerminal, isDesktop)));

    [Theory]
    [InlineData("http://0.0.0.0:80", "http://127.0.0.1:80")]
    [InlineData("http://[::]:1234/", "http://127.0.0.1:1234/")]
    [InlineData("http://*:1234", "http://127.0.0.1:1234")]
    [InlineData("http://192.168.1.2:1234", "http://192.168.1.2:1234")]
    public void It_opens_an_address_that_a_browser_can_call(string url, string opened) => Assert.Equal(opened, ListenAddresses.OnThisMachine(url));
}
