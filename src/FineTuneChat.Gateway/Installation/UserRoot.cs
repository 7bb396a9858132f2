namespace FineTuneChat.Gateway.Installation;

/// <summary>
/// The folder of what is the user's: data, models, own settings. Relative paths of the settings start here. In a clone of the repository it is the
/// repository; a program that was installed keeps it apart from its own files, which may be read-only and which an update replaces.
/// </summary>
internal static class UserRoot
{
    /// <summary>The environment variable that names it: for services and containers.</summary>
    public const string Variable = "FINETUNECHAT_HOME";

    public static string Find() => Choose(ContentRoot.Find(), Environment.GetEnvironmentVariable(Variable), OfUser());

    /// <param name="contentRoot">Where the program's own files lie.</param>
    /// <param name="named">What <see cref="Variable"/> says.</param>
    /// <param name="ofUser">Where this system's programs keep a user's data; empty: it does not say.</param>
    public static string Choose(string contentRoot, string? named, string ofUser)
    {
        if (named is { Length: > 0 })
            return Path.GetFullPath(named);
        bool isClone = File.Exists(Path.Combine(contentRoot, ContentRoot.Solution));
        bool isPortable = Directory.Exists(Path.Combine(contentRoot, "data")); // put there by the user, or by versions that knew no other place
        return isClone || isPortable || ofUser.Length == 0 ? contentRoot : ofUser;
    }

    private static string OfUser()
    {
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length == 0 ? "" : Path.Combine(data, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? "FineTuneChat" : "finetunechat");
    }
}
