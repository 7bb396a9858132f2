using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// Other trainers on the same shape, in turn with ours so that neither has the quieter hour. A peer is a command line that prints
/// its speed as <c>tok_s=N</c>.
/// </summary>
internal static partial class TrainingPeers
{
    private const int Tokens = 512, Rounds = 2;

    public static void Run(Report report, string what, string path, IReadOnlyList<string> peers)
    {
        double ours = 0;
        var theirs = new double[peers.Count];
        for (int round = 0; round < Rounds; round++)
        {
            using (var step = new TrainingStep(path, Tokens))
                ours = Math.Max(ours, Tokens / step.Seconds(runs: 2));
            for (int i = 0; i < peers.Count; i++)
                theirs[i] = Math.Max(theirs[i], Speed(peers[i]));
        }

        foreach (var (i, peer) in peers.Index())
            report.Add($"peer {peer}: tokens", theirs[i], "tokens/s");
        report.Add($"train {what}, in turn with peers: tokens", ours, "tokens/s", ours / theirs.Max(), "best peer");
    }

    private static double Speed(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        using Process process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Match speed = TokensPerSecond().Match(output);
        return process.ExitCode == 0 && speed.Success
            ? double.Parse(speed.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"'{command}' ended with {process.ExitCode} and did not print tok_s=N, but: {output}");
    }

    [GeneratedRegex(@"tok_s=(\d+(\.\d+)?)")]
    private static partial Regex TokensPerSecond();
}
