using System.Text.RegularExpressions;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>The tables of settings and options in the documents name what the code has: each setting with its option, and the default.</summary>
public sealed partial class OptionDocumentTests
{
    [Fact]
    public void Every_option_of_a_run_is_in_the_document_with_its_default() =>
        Compare("training.md", OptionTable.Of<RunOptions>(), option => option.Property.GetValue(RunOptions.Defaults));

    [Fact]
    public void Every_option_of_the_engine_is_in_the_document_with_its_default() =>
        Compare("model-settings.md", OptionTable.Of<EngineSettings>(), option => option.Property.GetValue(new EngineSettings()));

    private static void Compare(string document, IReadOnlyList<OptionEntry> options, Func<OptionEntry, object?> preset)
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", document))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(Cells)];
        foreach (OptionEntry option in options)
        {
            string[]? row = Array.Find(rows, r => Quoted(r[0]).Contains(option.Property.Name));
            Assert.True(row is not null, $"docs/{document} has no row for {option.Property.Name}.");
            Assert.Equal(
                (option.Property.Name, option.Option.Flag),
                (option.Property.Name, Quoted(row[1]).ElementAtOrDefault(Array.IndexOf(Quoted(row[0]), option.Property.Name))));
            if (preset(option) is { } value)
                Assert.Contains(OptionTable.Text(value), string.Join(' ', row[2..]), StringComparison.Ordinal);
        }
        string[] known = [.. options.Select(o => o.Option.Flag)];
        Assert.Empty(rows.SelectMany(r => Quoted(r[1])).Where(flag => flag.StartsWith("--", StringComparison.Ordinal)).Except(known));
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split(" | ")];

    private static string[] Quoted(string cell) => [.. Code().Matches(cell).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
