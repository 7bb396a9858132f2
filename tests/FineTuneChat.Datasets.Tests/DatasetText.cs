using System.Text;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>What is read of a file that a test has written.</summary>
internal sealed class DatasetText
{
    public DatasetText(byte[] bytes, string? name = null, DatasetOptions? options = null, DatasetLimits? limits = null) =>
        Rows = [.. ConversationReader.Read(new MemoryStream(bytes), limits, name, options, Report)];

    public DatasetText(string text, string? name = null, DatasetOptions? options = null, DatasetLimits? limits = null)
        : this(Encoding.UTF8.GetBytes(text), name, options, limits)
    {
    }

    public DatasetReport Report { get; } = new();

    public DatasetRow[] Rows { get; }

    /// <summary>Of the only row, one word a message: its role's first letter, a colon, its text.</summary>
    public string[] Turns => Of(Assert.Single(Rows));

    /// <summary>Kind and number of rows of each notice.</summary>
    public IEnumerable<(string Kind, int Count)> Notices => Report.Notices.Select(n => (n.Kind, n.Count));

    public static string[] Of(DatasetRow row)
    {
        Assert.Null(row.Error);
        return [.. row.Conversation!.Messages.Select(m => $"{m.Role.Name()[0]}:{m.Content}{Calls(m)}")];
    }

    private static string Calls(ChatMessage message) => string.Concat(message.ToolCalls.Select(c => $"{c.Name}({c.Arguments})"));

    /// <summary>Why a file is refused.</summary>
    public static string Refused(byte[] bytes, string? name = null, DatasetOptions? options = null) =>
        Assert.ThrowsAny<Exception>(() => new DatasetText(bytes, name, options)).Message;

    public static string Refused(string text, string? name = null, DatasetOptions? options = null) => Refused(Encoding.UTF8.GetBytes(text), name, options);
}
