using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Counts the tokens of long examples with the engine in service, whose tokeniser is the trainer's.</summary>
internal sealed class ExampleLimit(EngineRouter engines, AssistantRegistry assistants, RetrainingSettings settings) : IExampleLimit
{
    private const int MostMeasured = 8192, MarkersOfMessage = 16, BytesOfToken = 3;

    public async Task<bool> IsTooLongAsync(string assistant, IReadOnlyList<RequestMessage> messages, JsonElement? tools, CancellationToken cancellation)
    {
        if (assistants.Find(assistant) is not { } learner)
            return false; // deleted meanwhile
        int most = Most(learner.Base);
        // Turns before the last one are left out where they do not fit; what opens the conversation stays.
        int asked = Enumerable.Range(0, messages.Count).LastOrDefault(i => messages[i].Role == "user");
        RequestMessage[] kept = [.. messages.Where((m, i) => i >= asked || m.Role is "system" or "developer")];
        string text = learner.Settings.System + string.Concat(kept.Select(m =>
            m.Content + string.Concat((m.ToolCalls ?? []).Select(c => c.Function?.Name + c.Function?.Arguments)))) + tools?.GetRawText();
        int bytes = Encoding.UTF8.GetByteCount(text), markers = MarkersOfMessage * kept.Length;
        if (bytes + markers <= most) // a token is one byte at least
            return false;
        return (await CountAsync(learner, text, cancellation) ?? bytes / BytesOfToken) + markers > most;
    }

    private int Most(BaseModel model) => Math.Min(
        settings.Run.SequenceLength ?? MostMeasured, model.ContextLength is > 0 and < MostMeasured and var context ? context : MostMeasured);

    /// <summary>Null while no engine serves.</summary>
    private async Task<int?> CountAsync(Assistant learner, string text, CancellationToken cancellation)
    {
        if (!engines.IsReadyFor(learner))
            return null;
        try
        {
            using EngineLease lease = engines.Acquire(Caller.Local, learner.Id);
            IRunningEngine engine = await lease.ProcessAsync(cancellation);
            if (engine.ProcessId is null)
                return null; // runs train on the base that is here, whose tokens are others perhaps
            using HttpResponseMessage response = await engine.Client.PostAsJsonAsync(
                "tokenize", new TokenizeRequest { Content = text }, RunsJson.Wire.TokenizeRequest, cancellation);
            return response.IsSuccessStatusCode
                ? (await response.Content.ReadFromJsonAsync(RunsJson.Wire.TokenList, cancellation))!.Tokens.Count
                : int.MaxValue / 2; // longer than it counts
        }
        catch (Exception e) when (e is HttpRequestException or OpenAiException)
        {
            return null;
        }
    }
}
