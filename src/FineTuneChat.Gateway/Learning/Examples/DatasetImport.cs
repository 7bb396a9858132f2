using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Dataset files as examples: each reply that a row trains on becomes one, with what precedes it as its context.</summary>
internal static class DatasetImport
{
    /// <summary>All rows: the examples of the good ones, the reasons of the bad ones.</summary>
    /// <param name="stream">What <see cref="ConversationReader"/> reads.</param>
    /// <param name="file">The file's name, for the examples to remember; by its extension a table is known.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="InvalidDataException">It is no table although its name says so, or it is larger than is allowed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImportedRows Read(Stream stream, string file, DatasetLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new DatasetLimits();
        var budget = new ExampleBudget(limits.ExampleCharacters);
        var examples = new List<ImportedExample>();
        var errors = new List<ImportError>();
        int rows = 0;
        foreach (DatasetRow row in ConversationReader.Read(stream, limits, file, cancellation: cancellation))
        {
            rows++;
            ImportedExample[] read = row.Conversation is null ? [] : [.. Examples(row.Conversation, row.Line, budget, cancellation)];
            if ((row.Error ?? read.Select(e => ExampleRules.Problem(e.Draft.Messages)).FirstOrDefault(p => p is not null)) is { } problem)
                errors.Add(new ImportError(row.Line, problem));
            else
                examples.AddRange(read);
        }
        return new(file, rows, examples, errors);
    }

    private static IEnumerable<ImportedExample> Examples(Conversation conversation, int line, ExampleBudget budget, CancellationToken cancellation)
    {
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
            yield return new ImportedExample(line, ExampleRules.FromImport(path, tools));
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

/// <summary>What a dataset file holds.</summary>
internal sealed record ImportedRows(string File, int Rows, IReadOnlyList<ImportedExample> Examples, IReadOnlyList<ImportError> Errors);
