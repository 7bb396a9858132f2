using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Dataset files as examples: each reply that a row trains on becomes one, with what precedes it as its context.</summary>
internal static class DatasetImport
{
    // What a model should not learn to the letter: kept aside until the user has looked at it.
    private static readonly string[] Suspicious = [NoticeKinds.HalfEscapedJson, NoticeKinds.Mojibake];

    /// <summary>
    /// All rows: the examples of the good ones, the reasons of the bad ones, and what was noticed. A question that the file raises is told, not thrown: who
    /// only looks at it gets columns and speakers to answer it with.
    /// </summary>
    /// <param name="source">What <see cref="ConversationReader"/> reads.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="InvalidDataException">It is no dataset, or larger than is allowed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImportedRows Read(DatasetSource source, DatasetLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new DatasetLimits();
        var report = new DatasetReport();
        var budget = new ExampleBudget(limits.ExampleCharacters);
        var examples = new List<ImportedExample>();
        var errors = new List<ImportError>();
        int rows = 0;
        DatasetQuestionException? question = null;
        try
        {
            foreach (DatasetRow row in ConversationReader.Read(source.Content, limits, source.Name, source.Options, report, cancellation: cancellation))
            {
                rows++;
                ImportedExample[] read = row.Conversation is null ? [] : [.. Examples(row, budget, cancellation)];
                if ((row.Error ?? read.Select(e => ExampleRules.Problem(e.Draft.Messages)).FirstOrDefault(p => p is not null)) is { } problem)
                    errors.Add(new ImportError(row.Line, problem));
                else
                    examples.AddRange(read);
            }
        }
        catch (DatasetQuestionException e)
        {
            question = e;
            errors.Clear(); // the same one for every row
        }
        return new(source.Name, rows, examples, errors, report, question);
    }

    private static IEnumerable<ImportedExample> Examples(DatasetRow row, ExampleBudget budget, CancellationToken cancellation)
    {
        (Conversation conversation, int line) = (row.Conversation!, row.Line);
        string[] suspicious = row.Notices.Count == 0 ? [] : [.. row.Notices.Intersect(Suspicious)];
        JsonElement? tools = conversation.Tools.Count == 0
            ? null
            : JsonElement.Parse($"[{string.Join(',', conversation.Tools.Select(t => t.Definition.GetRawText()))}]");
        RequestMessage[] messages = [.. conversation.Messages.Select(Message)];
        foreach (int turn in TrainedTurns.Of(conversation.Messages))
        {
            cancellation.ThrowIfCancellationRequested();
            RequestMessage[] path = messages[..(turn + 1)];
            if (!budget.TryTake(path))
                throw new InvalidDataException(
                    $"Line {line}: the examples of the file hold more than {budget.Allowed:N0} characters by now, each counted with all that precedes its "
                    + "reply; that is all that is imported at once. Split the file, or give weight 1 only to the replies that are to be learned.");
            yield return new ImportedExample(line, ExampleRules.FromImport(path, tools, suspicious));
        }
    }

    private static RequestMessage Message(ChatMessage message) => new()
    {
        Role = message.Role.Name(),
        Content = message.Content,
        ReasoningContent = message.Reasoning,
        Name = message.Name,
        ToolCallId = message.ToolCallId,
        ToolCalls = message.ToolCalls.Count == 0
            ? null
            : [.. message.ToolCalls.Select(c => new ToolCall { Id = c.Id, Type = "function", Function = new() { Name = c.Name, Arguments = c.Arguments } })],
    };
}

/// <summary>An example and the line of its file.</summary>
internal sealed record ImportedExample(int Line, ExampleDraft Draft);

/// <summary>A dataset file, and what its user says of it.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Name">Its name, for the examples to remember.</param>
/// <param name="Options">Null: nothing.</param>
internal sealed record DatasetSource(Stream Content, string Name, DatasetOptions? Options = null);

/// <summary>What a dataset file holds.</summary>
internal sealed record ImportedRows(
    string File, int Rows, IReadOnlyList<ImportedExample> Examples, IReadOnlyList<ImportError> Errors,
    DatasetReport Report, DatasetQuestionException? Question);
