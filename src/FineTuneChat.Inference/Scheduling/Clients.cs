namespace FineTuneChat.Inference.Scheduling;

/// <summary>The clients of all sequences that run or wait.</summary>
internal sealed class Clients
{
    private readonly Dictionary<string, Client> _byName = [];
    private long _turn;

    public bool AreSeveral => _byName.Count > 1;

    /// <summary>Counts a new sequence, which waits.</summary>
    public void Join(Sequence sequence)
    {
        string name = sequence.Generation.Request.Client;
        if (!_byName.TryGetValue(name, out Client? client))
            _byName[name] = client = new Client();
        client.Sequences++;
        sequence.Client = client;
    }

    /// <summary>Forgets a sequence that has ended or was cancelled.</summary>
    public void Part(Sequence sequence)
    {
        if (--sequence.Client.Sequences == 0)
            _byName.Remove(sequence.Generation.Request.Client);
    }

    public void Admitted(Sequence sequence)
    {
        sequence.Client.Running++;
        sequence.Client.LastTurn = ++_turn;
    }

    /// <summary>The youngest of the sequences of the client that has most places.</summary>
    /// <param name="running">All that run, oldest first, at least one.</param>
    public static Sequence LastOfLargest(List<Sequence> running)
    {
        Sequence found = running[^1];
        for (int i = running.Count - 2; i >= 0; i--)
        {
            if (running[i].Client.Running > found.Client.Running)
                found = running[i];
        }

        return found;
    }
}
