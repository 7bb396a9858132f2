using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// Somebody else who chats all the time while the assistant learns: counts replies, failures, and replies that mixed versions. A reply for each
/// <see cref="StepsPerReply"/> while the trainer takes its steps, else for each <see cref="Pause"/>: a run has what chat leaves of the processor.
/// </summary>
internal sealed class SecondClient : IAsyncDisposable
{
    private const int StepsPerReply = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly Task _chatting;

    public SecondClient(Assistant assistant, HttpClient http)
    {
        _http = http;
        _chatting = Task.Run(() => ChatAsync(assistant));
    }

    public int Replies { get; private set; }

    public HashSet<string> Versions { get; } = [];

    public List<string> Faults { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _chatting;
        _stop.Dispose();
    }

    private async Task ChatAsync(Assistant assistant)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                IReadOnlyCollection<string> versions = await assistant.StreamAsync("Please count from 1 to 20.", _stop.Token);
                Replies++;
                Versions.UnionWith(versions);
                if (versions.Count != 1)
                    Faults.Add($"a reply of versions {string.Join(" and ", versions)}");
                await Task.Delay(Pause, _stop.Token);
                int next = await StepAsync() + StepsPerReply ?? 0;
                await Eventually.TrueAsync(async () => !(await StepAsync() < next), Patience.RunLimit);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                Faults.Add(e.Message);
            }
        }
    }

    /// <summary>Of the run that trains; null while none does.</summary>
    private async Task<int?> StepAsync()
    {
        JsonElement run = (await _http.GetFromJsonAsync<JsonElement>("/api/training", _stop.Token)).GetProperty("run");
        return run.ValueKind == JsonValueKind.Object && run.GetProperty("status").GetString() == "training"
            && run.GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress
            ? progress.GetProperty("step").GetInt32()
            : null;
    }
}
