using System.Xml.Linq;

namespace FineTuneChat.Services;

/// <summary>launchd on macOS: an agent of one user, started with the session and again when it fails.</summary>
/// <param name="definition">What it runs.</param>
/// <param name="userHome">The user's home folder.</param>
internal sealed class LaunchdManager(ServiceDefinition definition, string userHome) : IServiceManager
{
    private const string Label = $"org.{ServiceDefinition.Name}.server";

    public string Path => $"{userHome}/Library/LaunchAgents/{Label}.plist";

    public string? Folder => null;

    public IReadOnlyList<string[]> Install => [["launchctl", "load", "-w", Path]];

    public IReadOnlyList<string[]> Uninstall => [["launchctl", "unload", "-w", Path]];

    public IReadOnlyList<string[]> Forget => [];

    public string[] Status => ["launchctl", "list", Label];

    public string Text
    {
        get
        {
            string log = $"{userHome}/Library/Logs/FineTuneChat.log";
            var plist = new XElement("plist", new XAttribute("version", "1.0"), new XElement("dict",
                Entry("Label", new XElement("string", Label)),
                Entry("ProgramArguments", new XElement("array", definition.Command.Select(word => new XElement("string", word)))),
                Entry("EnvironmentVariables", new XElement("dict",
                    ServiceDefinition.Environment(definition.Home).Select(e => Entry(e.Name, new XElement("string", e.Value))))),
                Entry("RunAtLoad", new XElement("true")),
                Entry("KeepAlive", new XElement("dict", Entry("SuccessfulExit", new XElement("false")))),
                Entry("ProcessType", new XElement("string", "Interactive")), // a person waits for replies: no slower than other programs
                Entry("Umask", new XElement("integer", 63)), // 0077
                Entry("StandardOutPath", new XElement("string", log)),
                Entry("StandardErrorPath", new XElement("string", log))));
            var type = new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null);
            return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{type}\n{plist}\n";
        }
    }

    public ServiceState StateOf(int exitCode, string output) =>
        exitCode != 0 ? File.Exists(Path) ? ServiceState.Stopped : ServiceState.Missing
        : output.Contains("\"PID\"", StringComparison.Ordinal) ? ServiceState.Running : ServiceState.Stopped;

    private static XElement[] Entry(string key, XElement value) => [new XElement("key", key), value];
}
