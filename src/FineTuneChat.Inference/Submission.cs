namespace FineTuneChat.Inference;

/// <summary>What became of a request handed to <see cref="InferenceEngine.Submit"/>.</summary>
public enum SubmissionOutcome
{
    /// <summary>It runs or waits; its events will come.</summary>
    Accepted,

    /// <summary>The prompt leaves no room for a reply in <see cref="InferenceEngine.ContextLength"/>.</summary>
    PromptTooLong,

    /// <summary>All places that this client may have are taken, in the batch and in the queue. Try again later.</summary>
    QueueFull,

    /// <summary>The engine has stopped or failed.</summary>
    Stopped,
}

/// <summary>Answer of <see cref="InferenceEngine.Submit"/>.</summary>
/// <param name="Outcome">What became of the request.</param>
/// <param name="Generation">The reply, when it was accepted.</param>
public readonly record struct Submission(SubmissionOutcome Outcome, Generation? Generation = null);
