using System.IO.Compression;
using System.Security.Cryptography;
using FineTuneChat.Gateway.Access;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace FineTuneChat.Gateway.Page;

/// <summary>
/// Serves the page: <c>index.html</c> is asked for at every load, all else once for each content, and all of it compressed.
/// <c>MapStaticAssets</c> does the same from a list that the build makes; here the files may be edited after the build, which that list would not know.
/// </summary>
internal static class PageHost
{
    private const string ForEver = "public, max-age=31536000, immutable", AskAgain = "no-cache";

    public static IServiceCollection AddPage(this IServiceCollection services) => services
        .AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true; // what attacks on compression guess at are secrets; these files hold none
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml", "application/manifest+json"];
        })
        .Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Optimal)
        .Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Optimal);

    /// <param name="app">The gateway.</param>
    /// <param name="root">The folder with <c>index.html</c>.</param>
    public static IApplicationBuilder UsePage(this IApplicationBuilder app, IFileProvider root)
    {
        var files = new PageFiles(root);
        var options = new StaticFileOptions
        {
            FileProvider = root,
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Query[PageFiles.Version] == files.Of(file.File).Fingerprint ? ForEver : AskAgain,
        };
        return app.UseWhen(http => IsForPage(http.Request, files), page => page
            .UseResponseCompression()
            .Use(next => http => SendDocumentAsync(http, files, next))
            .UseStaticFiles(options));
    }

    /// <summary>What the API answers may hold secrets: that is sent as it is.</summary>
    private static bool IsForPage(HttpRequest request, PageFiles files) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && files.Has(request.Path == "/" ? PageDocument.Path : request.Path.Value!);

    private static Task SendDocumentAsync(HttpContext http, PageFiles files, RequestDelegate next)
    {
        if (http.Request.Path != "/" && http.Request.Path != PageDocument.Path)
            return next(http);
        PageDocument document = PageDocument.Of(files);
        IHeaderDictionary headers = http.Response.Headers;
        headers.CacheControl = AskAgain;
        headers.ContentSecurityPolicy = SecurityHeaders.PolicyWithScript(document.ScriptHash);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(document.Html))}\"");
        return Results.Bytes(document.Html, "text/html; charset=utf-8", entityTag: tag).ExecuteAsync(http);
    }
}
