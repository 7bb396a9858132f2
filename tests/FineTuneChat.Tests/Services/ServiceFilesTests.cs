using System.Diagnostics;
using System.Xml.Linq;
using FineTuneChat.Services;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Services;

public sealed class ServiceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_unit_of_the_machine_runs_as_a_user_of_its_own_that_sees_no_homes_and_writes_nothing_but_its_data()
    {
        string[] lines = Systemd(isForMachine: true, "/opt/finetunechat/finetunechat", "serve", "--urls", "http://0.0.0.0:80").Text.Split('\n');
        string[] wanted =
        [
            "ExecStart=\"/opt/finetunechat/finetunechat\" \"serve\" \"--urls\" \"http://0.0.0.0:80\"", "Type=notify", "DynamicUser=yes",
            "StateDirectory=finetunechat", "Environment=\"FINETUNECHAT_HOME=/var/lib/finetunechat\"", "ProtectSystem=strict", "ProtectHome=yes",
            "NoNewPrivileges=yes", "PrivateDevices=yes", "CapabilityBoundingSet=", "Environment=\"FINETUNECHAT__Server__OpenBrowser=off\"",
            "WantedBy=multi-user.target",
        ];
        Assert.Empty(wanted.Except(lines));
    }

    [Fact]
    public void A_unit_of_a_user_keeps_that_users_data_and_asks_for_no_rights_of_the_machine()
    {
        SystemdManager manager = Systemd(isForMachine: false, "/home/ann/finetunechat/finetunechat", "serve");
        Assert.Contains("\nEnvironment=\"FINETUNECHAT_HOME=/home/ann/.local/share/finetunechat\"\n", manager.Text);
        Assert.Contains("\nWantedBy=default.target\n", manager.Text);
        Assert.DoesNotContain("DynamicUser", manager.Text);
        Assert.All(manager.Install.Append(manager.Status), command => Assert.Equal(["systemctl", "--user"], command[..2]));
    }

    [Fact]
    public void With_a_gpu_the_unit_may_use_its_devices()
    {
        var definition = new ServiceDefinition { Command = ["/opt/f", "serve"], Home = "/x", IsForMachine = true, UsesGpu = true };
        string text = new SystemdManager(definition, "/units").Text;
        Assert.DoesNotContain("PrivateDevices", text);
        Assert.Contains("SupplementaryGroups=video render", text);
    }

    [Theory]
    [InlineData("a b", "\"a b\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData(@"C:\x", "\"C:\\\\x\"")]
    [InlineData("100% $HOME", "\"100%% $$HOME\"")]
    [InlineData("x\nExecStartPre=/bin/evil", "\"x\\x0aExecStartPre=/bin/evil\"")]
    public void No_option_leaves_its_place_in_a_unit(string word, string quoted) => Assert.Equal(quoted, SystemdManager.Quote(word));

    [Theory]
    [InlineData("/root/finetunechat/finetunechat", true)]
    [InlineData("/home/ann/bin/finetunechat", true)]
    [InlineData("/opt/home/finetunechat", false)]
    public void A_program_in_a_home_folder_is_hidden_from_a_service_of_the_machine(string path, bool isHidden) =>
        Assert.Equal(isHidden, SystemdManager.IsHidden(path));

    [SystemdTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Systemd_has_nothing_to_say_about_the_unit(bool isForMachine)
    {
        string file = _folder["finetunechat.service"];
        await File.WriteAllTextAsync(file, Systemd(isForMachine, "/bin/true", "serve", "--model", "a \"b\" 100%").Text);
        string[] who = isForMachine ? [] : ["--user"];
        var start = new ProcessStartInfo(SystemdTheoryAttribute.Analyze, [.. who, "--man=no", "verify", file]) { RedirectStandardError = true };
        start.Environment["XDG_RUNTIME_DIR"] = _folder.Path;
        using Process verify = Process.Start(start)!;
        string said = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();
        Assert.DoesNotContain(file, said);
        Assert.DoesNotContain("finetunechat.service", said);
        Assert.Equal(0, verify.ExitCode);
    }

    [Fact]
    public void A_launch_agent_starts_with_the_session_again_after_a_failure_and_takes_any_path()
    {
        var definition = new ServiceDefinition { Command = ["/Applications/A & B/finetunechat", "serve"], Home = "/Users/ann/Data", IsForMachine = false };
        var manager = new LaunchdManager(definition, "/Users/ann");
        XElement dict = XDocument.Parse(manager.Text).Root!.Element("dict")!;
        Assert.Equal("/Users/ann/Library/LaunchAgents/org.finetunechat.server.plist", manager.Path);
        Assert.Equal(["/Applications/A & B/finetunechat", "serve"], Value("ProgramArguments").Elements().Select(e => e.Value));
        Assert.Equal("true", Value("RunAtLoad").Name.LocalName);
        Assert.Equal("<dict><key>SuccessfulExit</key><false /></dict>", Value("KeepAlive").ToString(SaveOptions.DisableFormatting));
        Assert.Equal(
            ["FINETUNECHAT_HOME", "/Users/ann/Data", "FINETUNECHAT__Server__OpenBrowser", "off"],
            Value("EnvironmentVariables").Elements().Select(e => e.Value));

        XElement Value(string key) => dict.Elements("key").Single(k => k.Value == key).ElementsAfterSelf().First();
    }

    [Fact]
    public void Windows_gives_the_service_an_account_and_a_folder_of_its_own()
    {
        var definition = new ServiceDefinition { Command = [@"C:\Program Files\F\finetunechat.exe", "serve"], Home = @"C:\x", IsForMachine = true };
        var manager = new WindowsManager(definition, @"C:\ProgramData");
        Assert.Equal(@"C:\ProgramData\FineTuneChat", manager.Folder);
        string[] create = manager.Install[0];
        Assert.Equal("\"C:\\Program Files\\F\\finetunechat.exe\" serve", create[Array.IndexOf(create, "binPath=") + 1]);
        Assert.Equal(@"NT SERVICE\FineTuneChat", create[Array.IndexOf(create, "obj=") + 1]);
        Assert.Contains(manager.Install, c => c.Contains(@"FINETUNECHAT_HOME=C:\ProgramData\FineTuneChat\0FINETUNECHAT__Server__OpenBrowser=off"));
        Assert.Contains(manager.Install, c => c[0] == "icacls.exe" && c.Contains("/inheritance:r"));
        Assert.Equal(["sc.exe", "start", "FineTuneChat"], manager.Install[^1]);
        Assert.StartsWith(@"sc.exe create FineTuneChat start= delayed-auto obj= ""NT SERVICE\FineTuneChat"" binPath= ", manager.Text);
        Assert.Contains(@"binPath= ""\""C:\Program Files\F\finetunechat.exe\"" serve""", manager.Text);
    }

    [Theory]
    [InlineData(0, "        STATE              : 4  RUNNING", "Running")]
    [InlineData(0, "        STATE              : 1  STOPPED", "Stopped")]
    [InlineData(1060, "[SC] EnumQueryServicesStatus:OpenService FAILED 1060", "Missing")]
    public void Windows_says_how_the_service_is(int exitCode, string output, string state) => Assert.Equal(
        state, new WindowsManager(new ServiceDefinition { Command = ["x"], Home = "x", IsForMachine = true }, "x").StateOf(exitCode, output).ToString());

    [Fact]
    public async Task The_verb_prints_the_service_and_says_where_there_is_none()
    {
        var (code, output, _) = await ProgramProcess.RunAsync("service", "install", "--print", "--model", "my model");
        Assert.Equal(0, code);
        Assert.Contains("my model", output);
        (code, output, _) = await ProgramProcess.RunAsync("service", "status");
        Assert.Equal(0, code);
        Assert.Contains("\"state\":\"missing\"", output);
    }

    private static SystemdManager Systemd(bool isForMachine, params string[] command) => new(
        new ServiceDefinition { Command = command, Home = "/home/ann/.local/share/finetunechat", IsForMachine = isForMachine },
        "/home/ann/.config/systemd/user");
}

/// <summary>Skipped where systemd's checker is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdTheoryAttribute : TheoryAttribute
{
    public const string Analyze = "/usr/bin/systemd-analyze";

    public SystemdTheoryAttribute()
    {
        if (!File.Exists(Analyze))
            Skip = $"{Analyze} is not on this machine.";
    }
}
