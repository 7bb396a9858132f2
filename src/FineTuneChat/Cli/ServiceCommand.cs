using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Services;

namespace FineTuneChat.Cli;

/// <summary><c>service</c>: FineTuneChat started by the system: systemd, launchd, or Windows' service manager.</summary>
internal static class ServiceCommand
{
    public static Command Create() => new("service", "Has the system start FineTuneChat (systemd, launchd or Windows' service manager).")
    {
        Install(), Uninstall(), Status(),
    };

    private static Command Install()
    {
        var urls = new Option<string?>("--urls") { Description = "Address to listen on (default: that of the settings)" };
        var model = new Option<string?>("--model") { Description = "Model that the assistant starts from (default: that of the settings)" };
        var print = new Option<bool>("--print") { Description = "Only show what would be written or run" };
        var command = new Command("install", "Makes the service and starts it: of the machine when an administrator runs this, else of this user.")
        {
            urls, model, print,
        };
        command.SetAction(parsed =>
        {
            string[] options = [.. Named("--urls", parsed.GetValue(urls)), .. Named("--model", parsed.GetValue(model))];
            ServiceDefinition definition = Define(options);
            IServiceManager manager = Manager(definition);
            if (parsed.GetValue(print))
            {
                Console.Write(manager.Text);
                return;
            }
            Require(definition);
            InstalledService.Install(manager);
            if (OperatingSystem.IsLinux() && !definition.IsForMachine)
                Console.WriteLine($"It runs while {Environment.UserName} is logged in; always: loginctl enable-linger");
            Tell(manager);
        });
        return command;
    }

    private static Command Uninstall()
    {
        var command = new Command("uninstall", "Stops the service and removes it. Conversations, models and versions stay.");
        command.SetAction(_ =>
        {
            IServiceManager manager = Manager(Define([]));
            if (InstalledService.State(manager) == ServiceState.Missing)
                throw new UserException($"There is no service {ServiceDefinition.Name} of {(Define([]).IsForMachine ? "this machine" : "this user")}.");
            InstalledService.Uninstall(manager);
            Tell(manager);
        });
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Says whether the service is installed and runs.");
        command.SetAction(_ => Tell(Manager(Define([]))));
        return command;
    }

    private static void Tell(IServiceManager manager) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        service = ServiceDefinition.Name,
        state = InstalledService.State(manager).ToString().ToLowerInvariant(),
        path = manager.Path,
    }));

    private static IEnumerable<string> Named(string option, string? value) => value is null ? [] : [option, value];

    private static ServiceDefinition Define(IEnumerable<string> options) => new()
    {
        Command = [.. ProgramProcess.Command(), "serve", .. options],
        Home = UserRoot.Find(),
        IsForMachine = OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess,
        UsesGpu = Directory.Exists(NativeLibraries.Folder)
            && Directory.EnumerateFiles(NativeLibraries.Folder).Any(f => f.Contains("ggml-cuda", StringComparison.Ordinal)
                || f.Contains("ggml-vulkan", StringComparison.Ordinal)),
    };

    private static IServiceManager Manager(ServiceDefinition definition)
    {
        if (OperatingSystem.IsWindows())
            return new WindowsManager(definition, Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData));
        if (OperatingSystem.IsMacOS())
            return new LaunchdManager(definition, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        string settings = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new SystemdManager(definition, Path.Combine(settings, "systemd", "user"));
    }

    /// <exception cref="UserException">A service could not run so on this machine.</exception>
    private static void Require(ServiceDefinition definition)
    {
        string program = definition.Command[0];
        if (OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess)
            throw new UserException("Only an administrator can install a service: open the terminal with 'Run as administrator'.");
        if (OperatingSystem.IsMacOS() && definition.IsForMachine)
            throw new UserException("On macOS the service belongs to a user: run this without sudo.");
        if (!OperatingSystem.IsLinux())
            return;
        if (!Directory.Exists("/run/systemd/system"))
            throw new UserException("This machine does not run systemd. Have what starts its services run: finetunechat serve");
        if (!Path.IsPathRooted(program))
            throw new UserException("A service needs the published program: dotnet publish src/FineTuneChat -p:PublishProfile=linux-x64");
        if (definition.IsForMachine && SystemdManager.IsHidden(program))
            throw new UserException(
                $"{program} lies in a home folder, which a service of the machine cannot see. Move the program, for instance to /opt/finetunechat, or "
                + "install it for your user: without sudo.");
    }
}
