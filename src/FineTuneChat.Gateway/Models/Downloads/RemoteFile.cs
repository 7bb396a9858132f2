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
    public static async Task<RemoteFile> ProbeAsync(HubConnection connection, Uri address, CancellationToken cancellation)
    {
        try
        {
            using HubAnswer answer = await connection.SendAsync(address, new RangeHeaderValue(0, 0), cancellation);
            if (!answer.Response.IsSuccessStatusCode)
                throw await answer.ProblemAsync(address.AbsolutePath, connection.HasToken, cancellation);
            if (answer.FileBytes is not > 0 and var bytes)
                throw new HubException(HubFault.Broken, $"{address.Host} does not say how long {address.AbsolutePath} is ({bytes?.ToString() ?? "nothing"} bytes).");
            bool hasRanges = answer.Response.StatusCode == System.Net.HttpStatusCode.PartialContent;
            string? tag = answer.Response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : answer.Response.Content.Headers.LastModified?.ToString("O");
            return new(address, answer.FileBytes.Value, answer.Linked?.Sha256, tag, hasRanges);
        }
        catch (Exception e) when (HubConnection.IsLost(e, cancellation))
        {
            throw new HubException(HubFault.Unreachable, $"{address.Host} cannot be reached: {e.GetBaseException().Message}", e);
        }
    }
}
