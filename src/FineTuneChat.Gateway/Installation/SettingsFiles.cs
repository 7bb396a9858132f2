namespace FineTuneChat.Gateway.Installation;

/// <summary>Where settings come from; the later one wins: the program's <c>appsettings.json</c>, the user's, the environment, the command line.</summary>
internal static class SettingsFiles
{
    public const string Name = "appsettings.json";

    public static IConfiguration Load(IEnumerable<KeyValuePair<string, string?>>? given = null) =>
        new ConfigurationBuilder().AddJsonFile(Path.Combine(ContentRoot.Find(), Name), optional: true).AddUserSettings(given ?? []).Build();

    /// <summary>All but the program's own file.</summary>
    public static IConfigurationBuilder AddUserSettings(this IConfigurationBuilder builder, IEnumerable<KeyValuePair<string, string?>> given)
    {
        string home = UserRoot.Find();
        if (home != ContentRoot.Find())
            builder.AddJsonFile(Path.Combine(home, Name), optional: true);
        return builder.AddEnvironmentVariables("FINETUNECHAT__").AddInMemoryCollection(given);
    }
}
