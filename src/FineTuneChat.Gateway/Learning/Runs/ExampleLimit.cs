using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Counts the tokens of long examples with the engine in service, whose tokeniser is the trainer's.</summary>
internal sealed class ExampleLimit(EngineRouter engines, BaseModel baseModel, RetrainingSettings settings) : IExampleLimit
{
    private const int MostMeasured = 8192, MarkersOfMessage = 16, BytesOfToken = 3;

    private int Most => Math.Min(
        settings.Run.SequenceLength ?? MostMeasured, baseModel.ContextLength is > 0 and < MostMeasured and var context ? context : MostMeasured);

    public async Task<bool> IsTooLongAsync(IReadOnlyList<RequestMessage> messages, JsonElement? tools, CancellationToken cancellation)
    {
        // Turns before the last one are left out where they do not fit; what opens the conversation stays.
        int asked = Enumerable.Range(0, messages.Count).LastOrDefault(i => messages[i].Role == "user");
        RequestMessage[] kept = [.. messages.Where((m, i) => i >= asked || m.Role is "system" or "developer")];
        string text = string.Concat(kept.Select(m =>
            m.Content + string.Concat((m.ToolCalls ?? []).Select(c => c.Function?.Name + c.Function?.Arguments)))) + tools?.GetRawText();
        int bytes = Encoding.UTF8.GetByteCount(text), markers = MarkersOfMessage * kept.Length;
        if (bytes + markers <= Most) // a token is one byte at least
            return false;
        return (await CountAsync(text, cancellation) ?? bytes / BytesOfToken) + markers > Most;
    }

    /// <summary>Null while no engine serves.</summary>
    private async Task<int?> CountAsync(string text, CancellationToken cancellation)
    {
        if (!engines.IsReady)
            return null;
        try
        {
            using EngineLease lease = engines.Acquire(AssistantNames.Default);
            EngineProcess engine = await lease.ProcessAsync(cancellation);
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
