namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>Calls that wait for their results. A result names its tool at most, so it answers the oldest call of that tool, else the oldest of all.</summary>
internal sealed class OpenCalls
{
    private readonly Dictionary<string, Queue<string>> _ofTool = [];
    private readonly Queue<string> _all = new();
    private readonly HashSet<string> _answered = [];

    public void Add(string id, string? tool)
    {
        _all.Enqueue(id);
        if (!_ofTool.TryGetValue(tool ?? "", out Queue<string>? calls))
            _ofTool[tool ?? ""] = calls = new();
        calls.Enqueue(id);
    }

    /// <summary>The id of the call that a result answers.</summary>
    public string Answer(string? tool) => Next(_ofTool.GetValueOrDefault(tool ?? "")) ?? Next(_all) ?? "call_unknown";

    private string? Next(Queue<string>? calls)
    {
        while (calls?.TryDequeue(out string? id) == true)
            if (_answered.Add(id))
                return id;
        return null;
    }
}
