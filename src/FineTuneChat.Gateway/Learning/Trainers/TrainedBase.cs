using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Upstream;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion.Origin;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>What the base of a run is called elsewhere, where it is not a GGUF but the model that this was made of.</summary>
/// <param name="Name">Its name on the hub, as far as that is known.</param>
/// <param name="Revision">The commit; null: not known.</param>
/// <param name="Known">All names that it goes by.</param>
internal sealed partial record TrainedBase(string Name, string? Revision, IReadOnlyList<string> Known)
{
    /// <param name="model">Here.</param>
    /// <param name="settings">Have its name elsewhere, perhaps.</param>
    public static TrainedBase Of(BaseModel model, TrainerSettings settings)
    {
        GgufMetadata metadata = GgufFile.OpenGeneral(model.Path);
        string? repository = metadata.Text(ModelSource.RepositoryKey);
        string[] known = [.. new[] { settings.Base, repository, metadata.Text("general.name"), model.Name }.OfType<string>().Where(name => name.Length > 0)];
        return new TrainedBase(known[0], known[0] == repository ? metadata.Text(ModelSource.RevisionKey) : null, known);
    }

    /// <summary>Why an adapter is not of this base; null: it is, or does not say.</summary>
    public string? Problem(PeftFolder adapter)
    {
        if (adapter.Base is { Length: > 0 } other && !BaseFit.Fits([other], Known))
            return $"it was trained on '{other}', the run is of {string.Join(" or ", Known.Distinct())}. If that is the same model under another name, say so: "
                + $"{TrainerSettings.Section}:Base = {other}";
        return Revision is { } here && adapter.Revision is { } there && here != there && Commit().IsMatch(here) && Commit().IsMatch(there)
            ? $"it was trained on revision {there} of {Name}, the run is of {here}"
            : null;
    }

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Commit();
}
