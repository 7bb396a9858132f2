using FineTuneChat.Gateway.Tools.Servers;

namespace FineTuneChat.Tests.Tools;

/// <summary>The test server of tools as the gateway is told of it.</summary>
internal static class ToolPrograms
{
    private const string Command = "dotnet";
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "FineTuneChat.ToolServer.dll");

    /// <summary>For the API.</summary>
    public static object Request(string name, string behaviour, object? env = null) => new { name, command = Command, args = Arguments(behaviour), env };

    /// <summary>For a server alone.</summary>
    public static ToolServerSettings Settings(string behaviour) =>
        new() { Name = "test", Transport = ToolServerSettings.Stdio, Command = Command, Args = Arguments(behaviour) };

    private static string[] Arguments(string behaviour) => [Program, behaviour];
}
