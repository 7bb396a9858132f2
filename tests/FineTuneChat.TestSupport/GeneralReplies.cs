using System.Security.Cryptography;

namespace FineTuneChat.TestSupport;

/// <summary>
/// What the base is said to have replied to the general questions. To ask a random model takes seconds, and as its replies never end,
/// a run would keep none of them.
/// </summary>
public static class GeneralReplies
{
    /// <param name="dataFolder">Of a server that has started.</param>
    /// <param name="model">The base.</param>
    /// <param name="rows">Lines of the file, which is written anew; none by default, and then only where there is no file.</param>
    public static void Pretend(string dataFolder, string model, string? rows = null)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model)))[..16];
        string file = Path.Combine(dataFolder, "references", $"{hash}.jsonl");
        if (rows is null && File.Exists(file))
            return;
        File.WriteAllText(file, rows);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
