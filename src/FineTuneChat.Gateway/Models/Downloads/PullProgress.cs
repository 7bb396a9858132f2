namespace FineTuneChat.Gateway.Models.Downloads;

internal static class PullStatus
{
    public const string Downloading = "downloading", Paused = "paused", Done = "done", Failed = "failed", Cancelled = "cancelled";
}

/// <summary>How far a download is. The data of the event <c>model.progress</c>.</summary>
/// <param name="Name">What is fetched: <c>owner/repo:Q4_K_M</c>, or an address.</param>
/// <param name="Status">One of <see cref="PullStatus"/>.</param>
/// <param name="Bytes">How much has come.</param>
/// <param name="Total">How much there is.</param>
/// <param name="BytesPerSecond">Of the last seconds.</param>
/// <param name="SecondsLeft">At that speed; null while it is not known.</param>
/// <param name="Model">The local model's name, once it is there.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record PullProgress(
    string Name, string Status, long Bytes, long Total, double BytesPerSecond = 0, double? SecondsLeft = null, string? Model = null, string? Error = null);

/// <summary>What a finished download has brought.</summary>
/// <param name="Name">The local model's name.</param>
/// <param name="File">Its file; of a split model the first part.</param>
/// <param name="Bytes">Of all parts.</param>
/// <param name="Sha256">Of <paramref name="File"/>.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record PullResult(string Name, string File, long Bytes, string Sha256, double Seconds);
