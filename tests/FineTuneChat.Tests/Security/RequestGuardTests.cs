using System.Net;
using System.Net.Sockets;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Security;

public sealed class RequestGuardTests
{
    private static readonly SecuritySettings Settings = new() { AllowedHosts = ["chat.example"], AllowedOrigins = ["https://trusted.example"] };

    [Theory]
    [InlineData("localhost:1234")]
    [InlineData("127.0.0.1:1234")]
    [InlineData("[::1]:1234")]
    [InlineData("app.localhost")]
    [InlineData("192.168.1.7:1234")]
    [InlineData("CHAT.example")]
    public void Own_names_and_addresses_are_let_in(string host) => Assert.Null(Check(host));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("notlocalhost")]
    [InlineData("")]
    public void Other_names_are_refused(string host) => Assert.Equal(403, Check(host)!.Status);

    [Theory]
    [InlineData("http://localhost:1234", true)]
    [InlineData("https://trusted.example", true)]
    [InlineData("http://localhost:9999", false)]
    [InlineData("https://localhost:1234", false)]
    [InlineData("http://127.0.0.1:1234", false)] // another origin than the one in Host
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    public void Only_pages_of_the_own_or_a_listed_origin_may_call(string origin, bool allowed) =>
        Assert.Equal(allowed, Check("localhost:1234", ("Origin", origin)) is null);

    [Fact]
    public void A_default_port_may_be_left_out() => Assert.Null(Check("localhost", ("Origin", "http://localhost:80")));

    [Theory]
    [InlineData("cross-site", "no-cors", "image", false)] // <img src="http://localhost:1234/api/…">
    [InlineData("same-site", "cors", "empty", false)]
    [InlineData("cross-site", "navigate", "iframe", false)]
    [InlineData("cross-site", "navigate", "document", true)] // a link to the page
    [InlineData("same-origin", "cors", "empty", true)]
    [InlineData("none", "navigate", "document", true)]
    public void Requests_that_a_browser_marks_as_foreign_are_refused(string site, string mode, string destination, bool allowed) =>
        Assert.Equal(allowed, Check("localhost", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination)) is null);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public void A_body_that_a_form_could_send_is_refused(string type) => Assert.Equal(415, Check("localhost", ("Content-Type", type))!.Status);

    [Theory]
    [InlineData("http://127.0.0.1:1234")]
    [InlineData("http://localhost:1234")]
    [InlineData("http://[::1]:1234;http://127.0.0.1:0")]
    public void Loopback_addresses_may_be_listened_on(string urls) => Assert.False(ListenAddresses.Check(urls, Settings, hasKey: false));

    [Theory]
    [InlineData("http://0.0.0.0:1234")]
    [InlineData("http://*:1234")]
    [InlineData("http://127.0.0.1:1;http://192.168.1.7:1234")]
    [InlineData("http://[::]:1234")]
    public void Addresses_open_to_others_need_a_key_unless_allowed_without(string urls)
    {
        Assert.Contains("keys create", Assert.Throws<UserException>(() => ListenAddresses.Check(urls, Settings, hasKey: false)).Message);
        Assert.True(ListenAddresses.Check(urls, Settings, hasKey: true));
        Assert.False(ListenAddresses.Check(urls, new SecuritySettings { AllowRemoteWithoutKey = true }, hasKey: false));
    }

    [Fact]
    public void A_port_in_use_is_one_line_with_another_to_try()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        string message = Assert.Throws<UserException>(() => ListenAddresses.CheckFree(url)).Message;
        Assert.Contains($"{url} is in use", message);
        Assert.Contains("--urls", message);
    }

    [Fact]
    public void What_is_no_address_is_refused() =>
        Assert.Contains("127.0.0.1", Assert.Throws<UserException>(() => ListenAddresses.Check("1234", Settings, hasKey: true)).Message);

    private static OpenAiException? Check(string host, params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        http.Request.Scheme = "http";
        http.Request.Method = "GET";
        http.Request.Host = new HostString(host);
        foreach ((string name, string value) in headers)
            http.Request.Headers[name] = value;
        return RequestGuard.Refusal(http.Request, Settings);
    }
}
