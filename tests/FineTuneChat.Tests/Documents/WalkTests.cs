using System.Text.RegularExpressions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>The walks of docs/architecture.md lead through files that exist, few enough to be read.</summary>
public sealed partial class WalkTests
{
    private const int MostFiles = 15;

    [Fact]
    public void Each_walk_names_few_files_and_all_exist()
    {
        string[] sources = [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(f => f.Replace('\\', '/'))];
        string[] walks = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md")).Split("\n## ").Where(s => s.Contains(" walk: ")).ToArray();
        Assert.Equal(3, walks.Length);
        foreach (string walk in walks)
        {
            string[] files = [.. SourceFile().Matches(walk).Select(m => m.Groups[1].Value).Distinct()];
            Assert.All(files, file => Assert.Contains(sources, source => IsFile(source, file)));
            Assert.InRange(files.Length, 5, MostFiles);
        }
    }

    /// <summary>A project's name may stand without its first part.</summary>
    private static bool IsFile(string source, string name) =>
        source.EndsWith($"/{name}", StringComparison.Ordinal) || source.EndsWith($".{name}", StringComparison.Ordinal);

    [GeneratedRegex(@"`([\w/]+\.cs)`")]
    private static partial Regex SourceFile();
}
