namespace FineTuneChat.Gateway.Installation;

/// <summary>
/// The folder of the program's own <c>appsettings.json</c>, <c>wwwroot</c> and <c>models</c>: the repository's root under <c>dotnet run</c>, the program's
/// folder when published. The user's files: <see cref="UserRoot"/>.
/// </summary>
internal static class ContentRoot
{
    public const string Solution = "FineTuneChat.sln";

    public static string Find()
    {
        if (Holds(AppContext.BaseDirectory))
            return AppContext.BaseDirectory;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent) // started from bin/ of a clone
            if (Holds(folder.FullName) && File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        return Directory.GetCurrentDirectory();
    }

    private static bool Holds(string folder) => File.Exists(Path.Combine(folder, SettingsFiles.Name));
}
