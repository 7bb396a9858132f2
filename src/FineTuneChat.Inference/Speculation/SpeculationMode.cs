namespace FineTuneChat.Inference;

/// <summary>Whether tokens are guessed and computed ahead. It changes how fast replies are written, not what is in them.</summary>
public enum SpeculationMode
{
    /// <summary>One token of a reply at a time.</summary>
    Off,

    /// <summary>Where it pays, by how often guesses are right and what a step costs, both as measured.</summary>
    Auto,

    /// <summary>Whenever there is a guess.</summary>
    On,
}
