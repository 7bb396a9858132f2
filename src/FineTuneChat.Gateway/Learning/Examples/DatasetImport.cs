using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Tables;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Dataset files as examples: each reply that a row trains on becomes one, with what precedes it as its context.</summary>
internal static class DatasetImport
{
    /// <summary>All rows: the examples of the good ones, the reasons of the bad ones.</summary>
    /// <param name="stream">JSON lines in any format of <see cref="ConversationReader"/>, or a table with the same names in its first row.</param>
    /// <param name="file">The file's name, for the examples to remember; by its extension a table is known.</param>
    /// <exception cref="InvalidDataException">It is no such table.</exception>
    public static ImportedRows Read(Stream stream, string file)
    {
        var examples = new List<ImportedExample>();
        var errors = new List<ImportError>();
        int rows = 0;
        foreach (DatasetRow row in ConversationReader.Read(TableFile.IsTable(file) ? TableFile.ToJsonLines(stream, file) : stream))
        {
            rows++;
            ImportedExample[] read = row.Conversation is null ? [] : [.. Examples(row.Conversation, row.Line)];
            if ((row.Error ?? read.Select(e => ExampleRules.Problem(e.Draft.Messages)).FirstOrDefault(p => p is not null)) is { } problem)
                errors.Add(new ImportError(row.Line, problem));
            else
                examples.AddRange(read);
        }
        return new(file, rows, examples, errors);
    }

    private static IEnumerable<ImportedExample> Examples(Conversation conversation, int line)
    {
        JsonElement? tools = conversation.Tools.Count == 0
            ? null
            : JsonElement.Parse($"[{string.Join(',', conversation.Tools.Select(t => t.Definition.GetRawText()))}]");
        RequestMessage[] messages = [.. conversation.Messages.Select(Message)];
        return TrainedTurns.Of(conversation.Messages).Select(turn => new ImportedExample(line, ExampleRules.FromImport(messages[..(turn + 1)], tools)));
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
