using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Chat templates of published models: those that may be in the repository, and those in the folder that <c>FTC_TEMPLATES</c> names.</summary>
internal static class ModelTemplates
{
    private const string Elsewhere = "/work/shared/data/templates";

    private static string Own => Path.Combine(Repository.Root, "tests", "FineTuneChat.Chat.Tests", "Templates", "Models");

    /// <summary>Each once, by name.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        .. from folder in new[] { Own, Environment.GetEnvironmentVariable("FTC_TEMPLATES") ?? Elsewhere }
           where Directory.Exists(folder)
           from file in Directory.GetFiles(folder, "*.jinja")
           group file by Path.GetFileName(file) into same
           orderby same.Key
           select same.First(),
    ];

    /// <summary>Null where this machine does not have it.</summary>
    public static string? Find(string name) => Files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name);
}
