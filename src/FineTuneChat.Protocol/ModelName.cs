namespace FineTuneChat.Protocol;

/// <summary>Names of models as Ollama's clients write them: with a tag, of which there is one here.</summary>
internal static class ModelName
{
    private const string Tag = ":latest";

    /// <summary>The name with a tag, as those clients expect it in lists.</summary>
    /// <param name="name">A model's id.</param>
    public static string WithTag(string name) => name.Contains(':', StringComparison.Ordinal) ? name : name + Tag;

    /// <summary>The model's id.</summary>
    /// <param name="name">What a client sent.</param>
    public static string? WithoutTag(string? name) => name?.EndsWith(Tag, StringComparison.Ordinal) == true ? name[..^Tag.Length] : name;
}
