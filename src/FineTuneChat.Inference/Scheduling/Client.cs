namespace FineTuneChat.Inference.Scheduling;

/// <summary>Who asks, and how much of the batch it has.</summary>
internal sealed class Client
{
    /// <summary>Its replies that are being written.</summary>
    public int Running { get; set; }

    /// <summary>Its replies that are being written or wait.</summary>
    public int Sequences { get; set; }

    /// <summary>When it got a place last, as a number that grows with each place that is given; 0 = never yet.</summary>
    public long LastTurn { get; set; }

    /// <summary>Whether a free place is its own rather than another's: who has fewer, or else has waited longer since its last turn.</summary>
    public bool GoesBefore(Client other) => Running != other.Running ? Running < other.Running : LastTurn < other.LastTurn;
}
