using System.Globalization;
using System.Text.Json.Nodes;

namespace FineTuneChat.ToolServer;

/// <summary>What the server does.</summary>
internal static class Calls
{
    /// <summary>Null: nothing comes.</summary>
    public static JsonObject? Run(string tool, JsonObject arguments) => tool switch
    {
        "echo" => Result((string)arguments["text"]!),
        "add" => Result(((double)arguments["a"]! + (double)arguments["b"]!).ToString(CultureInfo.InvariantCulture)),
        "fail" => Result("The tool has failed.", isError: true),
        "big" => Result(new string('b', 100_000)),
        "vast" => Result(new string('v', 5 << 20)),
        "environment" => Result(string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>())),
        "process" => Result(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)),
        "crash" => Crash(),
        _ => null,
    };

    private static JsonObject Result(string text, bool isError = false) =>
        new() { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }), ["isError"] = isError };

    private static JsonObject? Crash()
    {
        Environment.Exit(5);
        return null;
    }
}
