namespace FineTuneChat.TestSupport;

/// <summary>The repository that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FineTuneChat.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"There is no FineTuneChat.sln above {AppContext.BaseDirectory}.");
    }
}
