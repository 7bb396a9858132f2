using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>
/// What a user calls a model that is not here yet: <c>owner/repo</c>, <c>owner/repo:Q4_K_M</c>, <c>owner/repo:file.gguf</c>, each with <c>hf.co/</c> or the
/// hub's address before it, a link to one of the hub's files, or a link to a file anywhere.
/// </summary>
/// <param name="Repository"><c>owner/repo</c>; null for a file elsewhere.</param>
/// <param name="Revision">Branch, tag or commit.</param>
/// <param name="Quantization">The one that is wanted, or a file's name; null = the user does not mind.</param>
/// <param name="Url">A file elsewhere.</param>
internal sealed partial record ModelReference(string? Repository, string Revision = ModelReference.Main, string? Quantization = null, Uri? Url = null)
{
    public const string Main = "main";

    private const string Forms = "Names are owner/repo, owner/repo:Q4_K_M, hf.co/owner/repo:Q4_K_M, or https://…/file.gguf.";
    private static readonly string[] HubHosts = ["hf.co", "huggingface.co", "www.huggingface.co"];

    /// <param name="text">As the user wrote it.</param>
    /// <param name="hub">The hub's address: its links are names, too.</param>
    /// <exception cref="HubException">It is no name of a model.</exception>
    public static ModelReference Parse(string text, Uri hub)
    {
        string name = text.Trim();
        if (Uri.TryCreate(name, UriKind.Absolute, out Uri? link) && link.Scheme is "http" or "https")
            return IsOfHub(link, hub) ? OfPath(text, Uri.UnescapeDataString(link.AbsolutePath).Trim('/')) : OfFile(text, link, hub);
        string? host = HubHosts.FirstOrDefault(h => name.StartsWith(h + "/", StringComparison.OrdinalIgnoreCase));
        return OfPath(text, host is null ? name : name[(host.Length + 1)..]);
    }

    /// <summary>The same for names that may be anything else; null when it is none.</summary>
    public static ModelReference? TryParse(string text, Uri hub)
    {
        try
        {
            return Parse(text, hub);
        }
        catch (HubException)
        {
            return null;
        }
    }

    /// <summary>Whether it is <c>owner/repo</c>, and safe as a path.</summary>
    public static bool IsRepository(string text) => RepositoryName().IsMatch(text);

    private static bool IsOfHub(Uri link, Uri hub) =>
        HubHosts.Contains(link.Host, StringComparer.OrdinalIgnoreCase) || (link.Host.Equals(hub.Host, StringComparison.OrdinalIgnoreCase) && link.Port == hub.Port);

    private static ModelReference OfPath(string text, string path)
    {
        if (FileLink().Match(path) is { Success: true } link)
            return new(Checked(text, link.Groups["repository"].Value), link.Groups["revision"].Value, link.Groups["file"].Value);
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        string repository = colon < 0 ? path : path[..colon];
        string? wanted = colon < 0 ? null : path[(colon + 1)..];
        if (wanted is not null && !Wanted().IsMatch(wanted))
            throw NoName(text);
        return new(Checked(text, repository), Main, wanted);
    }

    private static ModelReference OfFile(string text, Uri link, Uri hub)
    {
        if (link.Scheme == "http" && !link.IsLoopback && !link.Host.Equals(hub.Host, StringComparison.OrdinalIgnoreCase))
            throw new HubException(HubFault.Name, $"'{text}' would come over plain http, where anybody on the way can change it. Use https.");
        return link.AbsolutePath.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? new(null, Main, null, link) : throw NoName(text);
    }

    private static string Checked(string text, string repository) => IsRepository(repository) ? repository : throw NoName(text);

    private static HubException NoName(string text) => new(HubFault.Name, $"'{text}' is not the name of a model. {Forms}");

    public override string ToString() => Url?.ToString() ?? (Quantization is null ? Repository! : $"{Repository}:{Quantization}");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryName();

    [GeneratedRegex(@"^(?<repository>[^/]+/[^/]+)/(resolve|blob)/(?<revision>[A-Za-z0-9][A-Za-z0-9._-]*)/(?<file>.+\.gguf)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex FileLink();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,200}$", RegexOptions.CultureInvariant)]
    private static partial Regex Wanted();
}
