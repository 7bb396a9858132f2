using System.Text;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>
/// Keeps a copy of a reply's bytes while they pass by, and reads them when the reply is complete: only its first event is parsed before that.
/// </summary>
internal sealed class ReplyRecorder(bool streamed)
{
    private static ReadOnlySpan<byte> DataPrefix => "data:"u8;

    /// <summary>The last event of a whole stream.</summary>
    public static ReadOnlySpan<byte> End => "data: [DONE]"u8;

    private readonly MemoryStream _bytes = new();

    /// <summary>The completion's id, once enough has passed by to know it.</summary>
    public string? CompletionId { get; private set; }

    /// <summary>Whether the last byte has passed by: of a stream its last event; a reply that is not streamed comes as one part.</summary>
    public bool IsComplete => streamed ? Recorded.Span.TrimEnd((byte)'\n').EndsWith(End) : _bytes.Length > 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        if (CompletionId is null && streamed)
            CompletionId = Events().FirstOrDefault()?.Id;
    }

    /// <summary>The reply as far as it came; null when not even its id came.</summary>
    public Reply? Read() => streamed ? Fold(Events()) : ReadWhole();

    private Reply? ReadWhole()
    {
        if (Parse(Recorded, OpenAiJson.Default.ChatCompletion) is not { Choices.Count: > 0 } whole)
            return null;
        CompletionId = whole.Id;
        ChatChoice first = whole.Choices[0];
        return new()
        {
            CompletionId = whole.Id,
            Messages = [.. whole.Choices.Select(c => Message(c.Message.Content, c.Message.ReasoningContent,
                c.Message.FunctionCall is { } call ? [ToolCall.OfFunction(call)] : c.Message.ToolCalls))],
            FinishReason = first.FinishReason,
            Usage = whole.Usage,
            Timings = whole.Timings,
        };
    }

    private static Reply? Fold(IEnumerable<ChatCompletionChunk> chunks)
    {
        string? id = null, finish = null;
        Usage? usage = null;
        Timings? timings = null;
        var choices = new SortedDictionary<int, ReplyBuilder>();
        foreach (ChatCompletionChunk chunk in chunks)
        {
            id ??= chunk.Id;
            usage = chunk.Usage.Value ?? usage;
            timings = chunk.Timings ?? timings;
            foreach (ChunkChoice choice in chunk.Choices)
            {
                if (!choices.TryGetValue(choice.Index, out ReplyBuilder? builder))
                    choices[choice.Index] = builder = new ReplyBuilder();
                builder.Add(choice.Delta);
                if (choice.Index == 0)
                    finish = choice.FinishReason ?? finish;
            }
        }
        if (id is null || choices.Count == 0)
            return null;
        return new() { CompletionId = id, Messages = [.. choices.Values.Select(b => b.Build())], FinishReason = finish, Usage = usage, Timings = timings };
    }

    private ReadOnlyMemory<byte> Recorded => _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    /// <summary>The complete events so far. A line that is cut off is not one.</summary>
    private IEnumerable<ChatCompletionChunk> Events()
    {
        ReadOnlyMemory<byte> rest = Recorded;
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and int end)
        {
            ReadOnlyMemory<byte> line = rest[..end];
            rest = rest[(end + 1)..];
            if (line.Span.StartsWith(DataPrefix) && Parse(line[DataPrefix.Length..], OpenAiJson.Default.ChatCompletionChunk) is { } chunk)
                yield return chunk;
        }
    }

    /// <summary>Null for what is no reply: <c>[DONE]</c>, errors, half of a document.</summary>
    private static T? Parse<T>(ReadOnlyMemory<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RequestMessage Message(string? content, string? reasoning, IReadOnlyList<ToolCall>? toolCalls) =>
        new() { Role = "assistant", Content = content, ReasoningContent = reasoning, ToolCalls = toolCalls };

    /// <summary>One choice of a streamed reply.</summary>
    private sealed class ReplyBuilder
    {
        private readonly StringBuilder _content = new(), _reasoning = new();
        private readonly SortedDictionary<int, ToolCall> _toolCalls = [];

        public void Add(ChunkDelta delta)
        {
            _content.Append(delta.Content);
            _reasoning.Append(delta.ReasoningContent);
            foreach (ToolCallDelta call in delta.ToolCalls ?? OfFunction(delta.FunctionCall))
            {
                ToolCall known = _toolCalls.GetValueOrDefault(call.Index) ?? new ToolCall();
                _toolCalls[call.Index] = new()
                {
                    Id = known.Id ?? call.Id,
                    Type = known.Type ?? call.Type,
                    Function = new() { Name = known.Function?.Name ?? call.Function?.Name, Arguments = known.Function?.Arguments + call.Function?.Arguments },
                };
            }
        }

        private static ToolCallDelta[] OfFunction(ToolCallFunction? function) =>
            function is null ? [] : [new() { Index = 0, Id = ToolCall.IdOfFunction(function.Name), Type = "function", Function = function }];

        public RequestMessage Build() => Message(
            _content.Length == 0 && _toolCalls.Count > 0 ? null : _content.ToString(),
            _reasoning.Length == 0 ? null : _reasoning.ToString(),
            _toolCalls.Count == 0 ? null : [.. _toolCalls.Values]);
    }
}
