using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace FineTuneChat.TestSupport;

/// <summary>A script that judges many cases in one Node process: JSON in, JSON out.</summary>
public static class NodeScript
{
    /// <summary>Runs the script to its end.</summary>
    /// <param name="path">Below the repository's root.</param>
    /// <param name="input">Becomes its standard input.</param>
    /// <returns>Its exit code and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync<T>(string path, T input)
    {
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, path)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(input, JsonSerializerOptions.Web));
        node.StandardInput.Close();
        string text = await output;
        await node.WaitForExitAsync();
        return (node.ExitCode, text);
    }
}
