using FineTuneChat.Gateway.Page;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.FileProviders;

namespace FineTuneChat.Tests.Gateway.Page;

/// <summary>A page of a few files in a folder of its own, sent as the gateway sends the real one.</summary>
internal sealed class PageSite : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PhysicalFileProvider _files;
    private readonly WebApplication _app;

    private PageSite()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddPage();
        _app = builder.Build();
        _files = new PhysicalFileProvider(_folder.Path);
        _app.UsePage(_files);
        Client = new HttpClient { BaseAddress = new Uri("http://localhost") };
    }

    public HttpClient Client { get; private set; }

    public static async Task<PageSite> StartAsync(params (string Path, string Content)[] files)
    {
        var site = new PageSite();
        foreach ((string path, string content) in files)
            site.Write(path, content);
        await site._app.StartAsync();
        site.Client = site._app.GetTestClient();
        return site;
    }

    public void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _files.Dispose();
        _folder.Dispose();
    }
}
