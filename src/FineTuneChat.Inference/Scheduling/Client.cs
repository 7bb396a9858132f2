namespace FineTuneChat.Inference.Scheduling;

/// <summary>Who asks, and how much of the batch it has.</summary>
internal sealed class Client
{
    /// <summary>Its replies that are being written.</summary>
    public int Running { get; set; }

    /// <summary>Its replies that are being written or wait.</summary>
    public int Sequences { get; set; }

    /// <summary>Number of its last turn; turns are numbered in the order in which places are given. 0 = it had none yet.</summary>
    public long LastTurn { get; set; }

    /// <summary>Whether a free place goes to it before another: it has fewer places, or as many and its last turn is longer ago.</summary>
    public bool GoesBefore(Client other) => Running != other.Running ? Running < other.Running : LastTurn < other.LastTurn;
}
