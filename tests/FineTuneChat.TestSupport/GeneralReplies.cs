using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FineTuneChat.TestSupport;

/// <summary>
/// What the base is said to have replied to the general questions, and to have asked itself. To ask a random model takes seconds, and as its replies never
/// end, a run would keep none of them.
/// </summary>
public static class GeneralReplies
{
    private const int ManyTries = 3000;

    private static readonly string Prompts = Path.Combine(Repository.Root, "src", "FineTuneChat.Gateway", "Learning", "References", "GeneralPrompts.jsonl");

    /// <param name="dataFolder">Of a server that has started.</param>
    /// <param name="model">The base.</param>
    /// <param name="row">A line in place of the first; null: it had nothing to say at all, and then only where there is no file.</param>
    public static void Pretend(string dataFolder, string model, string? row = null)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model)))[..16];
        string file = Path.Combine(dataFolder, "references", $"{hash}.jsonl"), own = Path.Combine(dataFolder, "references", $"{hash}-own.jsonl");
        if (row is null && File.Exists(file))
            return;
        Write(file, [.. row is null ? [] : (string[])[row], .. File.ReadLines(Prompts).Select(WithoutReply)]);
        Write(own, [.. Enumerable.Repeat("""{"prompt":"","reply":"","use":"replay"}""", ManyTries)]);
    }

    private static string WithoutReply(string prompt)
    {
        JsonObject reply = JsonNode.Parse(prompt)!.AsObject();
        reply["reply"] = "";
        return reply.ToJsonString();
    }

    private static void Write(string file, string[] lines)
    {
        File.WriteAllLines(file, lines);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
