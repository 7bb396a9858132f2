using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>Whether an adapter is of the base that a server has loaded, by their names: weights of another model would be added to the wrong ones.</summary>
internal static partial class BaseFit
{
    /// <summary>Why it does not fit; null: it does.</summary>
    /// <param name="trainedOn">The names of the adapter's base: on the hub, of its file.</param>
    /// <param name="served">The names of what is served: its id, where it was loaded from.</param>
    public static string? Problem(IReadOnlyCollection<string> trainedOn, IReadOnlyCollection<string> served) =>
        Fits(trainedOn, served)
            ? null
            : $"The adapter was trained on {string.Join(" or ", trainedOn.Distinct())}, but the upstream serves {string.Join(" or ", served.Distinct())}. "
                + $"Serve its base there; if that is the same model under another name, say so: {UpstreamSettings.Section}:Base = {trainedOn.First()}.";

    /// <summary>Whether one name of each is that of the same model.</summary>
    public static bool Fits(IReadOnlyCollection<string> trainedOn, IReadOnlyCollection<string> served) =>
        trainedOn.Select(Plain).Intersect(served.Select(Plain)).Any();

    /// <summary>Owner, folder, quantisation and ending say nothing about which model it is.</summary>
    private static string Plain(string name)
    {
        string last = name.Replace('\\', '/').TrimEnd('/').Split('/')[^1].ToLowerInvariant();
        return Suffix().Replace(last, "");
    }

    [GeneratedRegex(@"(?:\.gguf|[-._](?:gguf|f16|f32|bf16|fp16|fp8|(?:i?q)\d\w*|awq|gptq\w*|w\d+a\d+\w*|int[48]))+$")]
    private static partial Regex Suffix();
}
