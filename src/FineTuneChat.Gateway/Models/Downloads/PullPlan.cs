using FineTuneChat.Gateway.Models.Hub;

namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>What a name stands for, and where it goes.</summary>
/// <param name="Name">Said in full: <c>owner/repo:Q4_K_M</c>, or an address.</param>
/// <param name="Files">What is fetched, in the order of a model's parts, each with the path that it gets.</param>
/// <param name="Projectors">Vision projectors beside it, which are not fetched.</param>
internal sealed record PullPlan(string Name, IReadOnlyList<(RemoteFile File, string Target)> Files, IReadOnlyList<HubFile> Projectors)
{
    public long Bytes => Files.Sum(f => f.File.Bytes);

    /// <summary>The file that a model is known by.</summary>
    public string Target => Files[0].Target;
}
