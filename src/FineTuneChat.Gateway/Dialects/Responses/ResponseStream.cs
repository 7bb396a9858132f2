using System.Text;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>A streamed reply as OpenAI's events: the response begins, its items come one after the other, the response ends with all of them.</summary>
/// <param name="request">What was asked.</param>
/// <param name="previous">The response that it goes on from.</param>
/// <param name="include">What the client wants besides.</param>
internal sealed class ResponseStream(ChatCompletionRequest request, string? previous, IReadOnlyList<string>? include = null) : IStreamShape, IDisposable
{
    private readonly List<OutputItem> _output = [];
    private readonly StringBuilder _text = new(); // of the open item
    private readonly CallCollector _calls = new();
    private SseWriter _sse = null!;
    private Response? _response;
    private OutputItem? _open;
    private IReadOnlyList<FileCitation> _citations = [];
    private string _id = "";
    private int _sequence;
    private string? _finish;
    private Usage? _usage;

    private bool IsReasoning => _open!.Type == "reasoning";

    public void Begin(HttpResponse response) => _sse = new SseWriter(response);

    public void Write(ChatCompletionChunk chunk)
    {
        if (_response is null)
        {
            _id = chunk.Id;
            _response = ResponseBuilder.Begin(request, chunk.Id, chunk.Model, chunk.Created, previous);
            Send(new() { Type = "response.created", Response = _response });
            Send(new() { Type = "response.in_progress", Response = _response });
            AddSearch(FileSearchCall.Of(chunk.Sources, request, include));
        }
        _usage = chunk.Usage.Value ?? _usage;
        if (chunk.Choices.Count == 0)
            return;
        ChunkDelta delta = chunk.Choices[0].Delta;
        if (delta.ReasoningContent is { Length: > 0 } reasoning)
            Add("reasoning", "response.reasoning_text.delta", reasoning);
        if (delta.Content is { Length: > 0 } text)
            Add("message", "response.output_text.delta", text);
        foreach (ToolCallDelta call in delta.ToolCalls ?? [])
            AddCall(call);
        _finish = chunk.Choices[0].FinishReason ?? _finish;
    }

    public void WriteIdle() => _sse.WriteComment();

    public void End()
    {
        Close();
        if (_output.All(item => item.Type is "reasoning" or "file_search_call")) // a reply without a word is still a message
        {
            Open(ResponseBuilder.Message(_id, text: null));
            Close();
        }
        Response whole = ResponseBuilder.End(_response!, _output, _finish, _usage);
        Send(new() { Type = $"response.{whole.Status}", Response = whole });
    }

    public void Fail(OpenAiException error)
    {
        Response begun = _response ?? ResponseBuilder.Begin(request, "", request.Model ?? "", createdAt: 0, previous);
        Send(new()
        {
            Type = "response.failed",
            Response = begun with { Status = "failed", Output = _output, Error = new(error.Error.Code ?? "server_error", error.Message) },
        });
    }

    public void Dispose() => _sse?.Dispose();

    private void Add(string type, string name, string delta)
    {
        if (_open?.Type != type)
        {
            Close();
            Open(type == "reasoning" ? ResponseBuilder.Reasoning(_id, text: null) : ResponseBuilder.Message(_id, text: null));
        }
        _text.Append(delta);
        Send(AtPart(name) with { Delta = delta, Logprobs = IsReasoning ? null : [] });
    }

    private void AddSearch(FileSearchCall? search)
    {
        if (search is null)
            return;
        OutputItem item = ResponseBuilder.Search(_id, search);
        _citations = search.Citations;
        Send(new() { Type = "response.output_item.added", OutputIndex = 0, Item = item with { Status = "in_progress", Results = null } });
        foreach (string state in (string[])["in_progress", "searching", "completed"])
            Send(new() { Type = $"response.file_search_call.{state}", ItemId = item.Id, OutputIndex = 0 });
        Send(new() { Type = "response.output_item.done", OutputIndex = 0, Item = item });
        _output.Add(item);
    }

    private void AddCall(ToolCallDelta call)
    {
        if (call.Index != _calls.Index || _open?.Type != "function_call")
            Close();
        _calls.Add(call); // the one before it was closed above
        if (_open is null)
            Open(ResponseBuilder.Call(_id, call.Index, _calls.Last! with { Function = _calls.Last!.Function! with { Arguments = "" } }, isWhole: false));
        if (call.Function?.Arguments is { Length: > 0 } arguments)
            Send(AtItem("response.function_call_arguments.delta") with { Delta = arguments });
    }

    private void Open(OutputItem item)
    {
        _open = item;
        _text.Clear();
        Send(AtItem("response.output_item.added", withId: false) with { Item = item });
        if (item.Type != "function_call")
            Send(AtPart("response.content_part.added") with { Part = Part("") });
    }

    private void Close()
    {
        if (_open is null)
            return;
        OutputItem whole;
        if (_open.Type == "function_call")
        {
            whole = ResponseBuilder.Call(_id, _calls.Index, _calls.Last!);
            Send(AtItem("response.function_call_arguments.done") with { Name = whole.Name, Arguments = whole.Arguments });
        }
        else
        {
            string text = _text.ToString();
            whole = IsReasoning ? ResponseBuilder.Reasoning(_id, text) : ResponseBuilder.Message(_id, text, _citations);
            Send(AtPart(IsReasoning ? "response.reasoning_text.done" : "response.output_text.done") with { Text = text, Logprobs = IsReasoning ? null : [] });
            foreach ((int i, FileCitation citation) in (IsReasoning ? [] : _citations).Index())
                Send(AtPart("response.output_text.annotation.added") with { AnnotationIndex = i, Annotation = citation });
            Send(AtPart("response.content_part.done") with { Part = whole.Content![0] });
        }
        Send(AtItem("response.output_item.done", withId: false) with { Item = whole });
        _output.Add(whole);
        _open = null;
    }

    private OutputPart Part(string text) => IsReasoning ? OutputPart.OfReasoning(text) : OutputPart.OfText(text);

    private ResponseEvent AtItem(string type, bool withId = true) =>
        new() { Type = type, ItemId = withId ? _open!.Id : null, OutputIndex = _output.Count };

    private ResponseEvent AtPart(string type) => AtItem(type) with { ContentIndex = 0 };

    private void Send(ResponseEvent value) => _sse.Write(value with { SequenceNumber = _sequence++ }, ResponsesJson.Wire.ResponseEvent, value.Type);
}
