using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Page;

/// <summary>
/// <c>index.html</c> as it is sent: every address in it carries a fingerprint, an import map gives the addresses of all modules,
/// and the modules that the page starts with are named at once, so that the browser need not find them import by import.
/// </summary>
/// <param name="Html">UTF-8.</param>
/// <param name="ScriptHash">The import map's, for the content security policy: <c>sha256-…</c>.</param>
internal sealed partial record PageDocument(byte[] Html, string ScriptHash)
{
    public const string Path = "/index.html";
    private const string Start = "/app.js";

    /// <summary>Where import map and modules go.</summary>
    private const string Place = """<script type="importmap">{}</script>""";

    public static PageDocument Of(PageFiles files)
    {
        var imports = new ImportMap(files.Modules().ToDictionary(path => path, path => files.Address(path)!));
        string map = JsonSerializer.Serialize(imports, PageJson.Default.ImportMap);
        var start = new StringBuilder($"""<script type="importmap">{map}</script>""");
        foreach (string module in files.Graph(Start))
            start.Append($"\n  <link rel=\"modulepreload\" href=\"{module}\">");
        string html = files.ReadText(Path).Replace(Place, start.ToString(), StringComparison.Ordinal);
        html = FileAddress.Replace(html, found => files.Address($"/{found.Value.TrimStart('/')}") ?? found.Value);
        return new PageDocument(Encoding.UTF8.GetBytes(html), $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(map)))}");
    }

    [GeneratedRegex("""(?<=\s(?:href|src)=")[^":#?]+(?=")""", RegexOptions.CultureInvariant)]
    private static partial Regex FileAddress { get; }
}
