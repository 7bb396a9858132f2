namespace FineTuneChat.Gateway;

/// <summary>
/// The folder with <c>appsettings.json</c>, <c>wwwroot</c> and <c>models</c>: the repository's root under <c>dotnet run</c>, the program's own folder when
/// published.
/// </summary>
internal static class ContentRoot
{
    private const string Mark = "appsettings.json";

    public static string Find()
    {
        if (Holds(AppContext.BaseDirectory))
            return AppContext.BaseDirectory;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent) // started from bin/ of a clone
            if (Holds(folder.FullName) && File.Exists(Path.Combine(folder.FullName, "FineTuneChat.sln")))
                return folder.FullName;
        return Directory.GetCurrentDirectory();
    }

    private static bool Holds(string folder) => File.Exists(Path.Combine(folder, Mark));
}
