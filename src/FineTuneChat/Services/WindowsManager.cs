using System.Text;

namespace FineTuneChat.Services;

/// <summary>Windows' service manager: an account of its own (<c>NT SERVICE\FineTuneChat</c>), whose data only it and administrators can read.</summary>
/// <param name="definition">What it runs.</param>
/// <param name="programData">Windows' folder for data of programs, <c>C:\ProgramData</c>.</param>
internal sealed class WindowsManager(ServiceDefinition definition, string programData) : IServiceManager
{
    private const string Name = nameof(FineTuneChat);
    private const string Account = $@"NT SERVICE\{Name}";
    private const string Administrators = "*S-1-5-32-544"; // their name is in the language of the system
    private const int NoSuchService = 1060;

    public string? Path => null;

    public string Folder => $@"{programData}\{Name}";

    public string Text => string.Concat(Install.Select(command => string.Join(' ', command.Select(Quote)) + "\r\n"));

    public IReadOnlyList<string[]> Install =>
    [
        ["sc.exe", "create", Name, "start=", "delayed-auto", "obj=", Account, "binPath=", string.Join(' ', definition.Command.Select(Quote))],
        ["sc.exe", "description", Name, ServiceDefinition.Description],
        ["sc.exe", "failure", Name, "reset=", "86400", "actions=", "restart/5000"],
        ["reg.exe", "add", $@"HKLM\SYSTEM\CurrentControlSet\Services\{Name}", "/v", "Environment", "/t", "REG_MULTI_SZ", "/f", "/d",
            string.Join(@"\0", ServiceDefinition.Environment(Folder).Select(e => $"{e.Name}={e.Value}"))],
        ["icacls.exe", Folder, "/inheritance:r", "/grant:r", $"{Account}:(OI)(CI)F", $"{Administrators}:(OI)(CI)F"],
        ["sc.exe", "start", Name],
    ];

    public IReadOnlyList<string[]> Uninstall => [["sc.exe", "stop", Name], ["sc.exe", "delete", Name]];

    public IReadOnlyList<string[]> Forget => [];

    public string[] Status => ["sc.exe", "query", Name];

    public ServiceState StateOf(int exitCode, string output) =>
        exitCode == NoSuchService ? ServiceState.Missing
        : output.Contains("RUNNING", StringComparison.Ordinal) || output.Contains("START_PENDING", StringComparison.Ordinal) ? ServiceState.Running
        : ServiceState.Stopped;

    /// <summary>As Windows' programs take their command line apart: a backslash before a quote counts twice.</summary>
    internal static string Quote(string word)
    {
        if (word.Length > 0 && !word.Any(c => char.IsWhiteSpace(c) || c == '"'))
            return word;
        var quoted = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char c in word)
        {
            if (c == '"')
                quoted.Append('\\', backslashes + 1); // those before it once more, and its own
            backslashes = c == '\\' ? backslashes + 1 : 0;
            quoted.Append(c);
        }
        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
