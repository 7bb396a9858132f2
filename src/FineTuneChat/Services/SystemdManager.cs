using System.Globalization;
using System.Text;

namespace FineTuneChat.Services;

/// <summary>systemd: a unit of the machine with a user, a folder and rights of its own, or a unit of one user's session.</summary>
/// <param name="definition">What it runs.</param>
/// <param name="userUnits">The folder of the user's units, <c>~/.config/systemd/user</c>.</param>
internal sealed class SystemdManager(ServiceDefinition definition, string userUnits) : IServiceManager
{
    private const string Unit = $"{ServiceDefinition.Name}.service";
    private const string MachineUnits = "/etc/systemd/system";

    public string Path => System.IO.Path.Combine(definition.IsForMachine ? MachineUnits : userUnits, Unit);

    public string? Folder => null;

    public IReadOnlyList<string[]> Install => [Control("daemon-reload"), Control("enable", "--now", Unit)];

    public IReadOnlyList<string[]> Uninstall => [Control("disable", "--now", Unit)];

    public IReadOnlyList<string[]> Forget => [Control("daemon-reload")];

    public string[] Status => Control("is-active", Unit);

    public string Text =>
        $"""
        # Written by: finetunechat service install
        [Unit]
        Description={ServiceDefinition.Description}
        After=network.target

        [Service]
        Type=notify
        ExecStart={string.Join(' ', definition.Command.Select(word => Quote(word)))}
        {string.Join('\n', ServiceDefinition.Environment(Home).Select(e => $"Environment={Quote($"{e.Name}={e.Value}", isCommand: false)}"))}
        Restart=on-failure
        RestartSec=5
        TimeoutStartSec=300
        # The gateway ends its engine and trainer itself; what is left after that is killed.
        KillMode=mixed
        UMask=0077

        # No MemoryDenyWriteExecute: .NET compiles while it runs.
        NoNewPrivileges=yes
        LockPersonality=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallErrorNumber=EPERM
        {(definition.IsForMachine ? MachineRights : "")}
        [Install]
        WantedBy={(definition.IsForMachine ? "multi-user.target" : "default.target")}

        """;

    public ServiceState StateOf(int exitCode, string output) => output.Trim() switch
    {
        "active" or "activating" or "reloading" => ServiceState.Running,
        _ => File.Exists(Path) ? ServiceState.Stopped : ServiceState.Missing,
    };

    /// <summary>Whether <c>ProtectHome</c> keeps a service of the machine from it.</summary>
    public static bool IsHidden(string path) =>
        ((string[])["/home/", "/root/", "/run/user/"]).Any(folder => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>A word of a unit's line as systemd reads it back.</summary>
    /// <param name="word">Any text.</param>
    /// <param name="isCommand">Whether it is part of a command line, where $ means a variable.</param>
    internal static string Quote(string word, bool isCommand = true)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in word)
        {
            quoted.Append(c switch
            {
                '"' or '\\' => $"\\{c}",
                '%' => "%%",
                '$' when isCommand => "$$",
                _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    private string Home => definition.IsForMachine ? $"/var/lib/{ServiceDefinition.Name}" : definition.Home;

    private string MachineRights =>
        $"""

        DynamicUser=yes
        StateDirectory={ServiceDefinition.Name}
        StateDirectoryMode=0700
        CapabilityBoundingSet=
        {(definition.UsesGpu ? "SupplementaryGroups=video render" : "PrivateDevices=yes")}
        PrivateTmp=yes
        ProtectClock={(definition.UsesGpu ? "no" : "yes")}
        ProtectControlGroups=yes
        ProtectHome=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectSystem=strict

        """;

    private string[] Control(params string[] arguments) => definition.IsForMachine ? ["systemctl", .. arguments] : ["systemctl", "--user", .. arguments];
}
