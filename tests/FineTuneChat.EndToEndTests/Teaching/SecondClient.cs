namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Somebody else who chats without pause while the assistant learns: counts replies, failures, and replies that mixed versions.</summary>
internal sealed class SecondClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _chatting;

    public SecondClient(Assistant assistant) => _chatting = Task.Run(() => ChatAsync(assistant));

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
}
