using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.FileProviders;

namespace FineTuneChat.Gateway.Page;

/// <summary>What the page's addresses need to know of one of its files.</summary>
internal sealed partial record PageFile
{
    private const int FingerprintLength = 12; // of 64 hexadecimal digits: two contents of one file do not meet by chance

    /// <summary>Changes with the content.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What a module imports as it starts, as written there.</summary>
    public required IReadOnlyList<string> Imports { get; init; }

    private DateTimeOffset Modified { get; init; }
    private long Length { get; init; }

    public static PageFile Read(IFileInfo file)
    {
        using var content = new MemoryStream();
        using (Stream stream = file.CreateReadStream())
            stream.CopyTo(content);
        byte[] bytes = content.ToArray();
        return new PageFile
        {
            Fingerprint = Convert.ToHexStringLower(SHA256.HashData(bytes))[..FingerprintLength],
            Imports = IsModule(file.Name) ? [.. StaticImport.Matches(Encoding.UTF8.GetString(bytes)).Select(import => import.Groups["path"].Value)] : [],
            Modified = file.LastModified,
            Length = file.Length,
        };
    }

    public static bool IsModule(string name) => Path.GetExtension(name) is ".js" or ".mjs";

    /// <summary>Whether the file on disk is still the one that was read.</summary>
    public bool Is(IFileInfo file) => file.LastModified == Modified && file.Length == Length;

    [GeneratedRegex("""^(?:import|export)\b[^'"();=]*['"](?<path>\.{0,2}/[^'"]+)['"]""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex StaticImport { get; }
}
