using System.Collections.Concurrent;
using FineTuneChat.Gateway.Models;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Why local models did not start when they were last tried: none is tried for ever.</summary>
internal sealed class ModelProblems
{
    private readonly ConcurrentDictionary<LocalModel, (DateTimeOffset Modified, string Problem)> _known = new();

    /// <summary>Null when it was not tried, or its file is another one since.</summary>
    public string? Of(LocalModel model) => _known.TryGetValue(model, out var known) && known.Modified == model.ModifiedAt ? known.Problem : null;

    public void Remember(LocalModel model, string problem) => _known[model] = (model.ModifiedAt, problem);

    public void Forget(LocalModel model) => _known.TryRemove(model, out _);
}
