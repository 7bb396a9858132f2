using System.Net;
using System.Net.Http.Headers;
using FineTuneChat.Gateway.Models.Hub;

namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>A file to fetch, and what must come.</summary>
/// <param name="Address">Where it is asked for.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">What it must hold; null where nobody says.</param>
/// <param name="ETag">Of a file without a hash: it changes when the file does.</param>
/// <param name="HasRanges">Whether parts of it can be asked for.</param>
internal sealed record RemoteFile(Uri Address, long Bytes, string? Sha256, string? ETag = null, bool HasRanges = true)
{
    /// <summary>Asks a server that is no hub what the file is.</summary>
    /// <exception cref="HubException">It is not there, or the server does not say how long it is.</exception>
    public static Task<RemoteFile> ProbeAsync(HubConnection connection, Uri address, CancellationToken cancellation) => connection.AskAsync(
        address, address.AbsolutePath, new RangeHeaderValue(0, 0), answer => Task.FromResult(Of(address, answer)), cancellation);

    private static RemoteFile Of(Uri address, HubAnswer answer)
    {
        if (answer.FileBytes is not { } bytes)
            throw new HubException(HubFault.Broken, $"{address.Host} does not say how long {address.AbsolutePath} is.");
        return new(address, bytes, answer.Linked?.Sha256, TagOf(answer), HasRanges: answer.Response.StatusCode == HttpStatusCode.PartialContent);
    }

    /// <summary>Whether an answer is of another file than was announced.</summary>
    public bool HasChanged(HubAnswer answer) =>
        (answer.FileBytes is { } bytes && bytes != Bytes) || (Sha256 is null && ETag is not null && TagOf(answer) is { } tag && tag != ETag);

    private static string? TagOf(HubAnswer answer) =>
        answer.Response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : answer.Response.Content.Headers.LastModified?.ToString("O");
}
