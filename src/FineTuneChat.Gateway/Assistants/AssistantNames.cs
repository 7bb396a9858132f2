namespace FineTuneChat.Gateway.Assistants;

/// <summary>Names of the assistants. Today there is one; rows of the database carry the name already.</summary>
internal static class AssistantNames
{
    public const string Default = "assistant";

    /// <summary>The model id of one version: <c>assistant@3</c>.</summary>
    public static string Versioned(string assistant, int version) => $"{assistant}@{version}";

    /// <summary>Whether a model id is that of a version.</summary>
    public static bool IsVersion(string? model) => model?.StartsWith($"{Default}@", StringComparison.Ordinal) == true;
}
