using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace FineTuneChat.Protocol.Configuration;

/// <summary>
/// One address to listen on, read exactly as Kestrel reads it. Kestrel listens on all networks for every host that is neither an IP address nor localhost,
/// so whatever could hide such a host (a user name, a path) is refused here.
/// </summary>
/// <param name="Url">As it was given.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name, an IP address (IPv6 in brackets), or Kestrel's wildcards <c>*</c> and <c>+</c>.</param>
/// <param name="Port">0 to 65535; 0 takes a free one.</param>
internal sealed partial record ListenAddress(string Url, string Scheme, string Host, int Port)
{
    private const string Localhost = "localhost";

    /// <summary>The IP address; null where the host is a name or a wildcard.</summary>
    public IPAddress? Ip => IPAddress.TryParse(Host.Trim('[', ']'), out IPAddress? ip) ? ip : null;

    /// <summary>Whether this machine alone reaches it.</summary>
    public bool IsLoopback => IsLocalhost || (Ip is { } ip && IPAddress.IsLoopback(ip));

    private bool IsLocalhost => Host.Equals(Localhost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads addresses that are separated by semicolons.</summary>
    /// <param name="urls">At least one.</param>
    /// <exception cref="UserException">One of them is no address to listen on, or there is none.</exception>
    public static IReadOnlyList<ListenAddress> Parse(string urls)
    {
        ListenAddress[] addresses = [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseOne)];
        return addresses.Length > 0 ? addresses : throw NoAddress(urls);
    }

    private static ListenAddress ParseOne(string url)
    {
        Match parts = Pattern().Match(url);
        if (!parts.Success)
            throw NoAddress(url);
        string scheme = parts.Groups["scheme"].Value.ToLowerInvariant();
        int port = parts.Groups["port"] is { Success: true } given ? int.Parse(given.Value, CultureInfo.InvariantCulture) : scheme == "https" ? 443 : 80;
        var address = new ListenAddress(url, scheme, parts.Groups["host"].Value, port);

        bool looksLikeIp = address.Host[0] == '[' || address.Host.All(c => char.IsAsciiDigit(c) || c == '.');
        if (port > IPEndPoint.MaxPort || (looksLikeIp && address.Ip is null))
            throw NoAddress(url);
        if (address.Ip is { IsIPv4MappedToIPv6: true } mapped)
            throw new UserException(
                $"{url} is an IPv4 address in the notation of IPv6, which cannot be listened on. Write {scheme}://{mapped.MapToIPv4()}:{port}.");
        if (address.IsLocalhost && port == 0)
            throw new UserException($"{url}: localhost is two addresses, which cannot share one free port. Write {scheme}://127.0.0.1:0.");
        return address;
    }

    private static UserException NoAddress(string url) =>
        new($"'{url}' is not an address to listen on. Write scheme, host and port and nothing else, like http://127.0.0.1:1234.");

    [GeneratedRegex(@"\A(?<scheme>https?)://(?<host>[*+]|[a-z0-9._-]+|\[[0-9a-f:.]+(%[a-z0-9._-]+)?\])(:(?<port>[0-9]{1,5}))?/?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
