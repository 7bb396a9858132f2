namespace FineTuneChat.Gateway.Serving;

/// <summary>What answers for one model id now: a process of this machine, or a server elsewhere. Given up by disposing.</summary>
internal interface IRunningEngine : IAsyncDisposable
{
    /// <summary>The way to it. What it answers, errors included, has OpenAI's shape.</summary>
    HttpClient Client { get; }

    /// <summary>Null: it runs elsewhere.</summary>
    int? ProcessId { get; }

    /// <summary>Completes when it answers no more.</summary>
    Task Exited { get; }

    /// <summary>Whether its end says nothing about the model that it served.</summary>
    bool WasKilled { get; }

    /// <summary>Why it ended, in words.</summary>
    string LastErrors { get; }

    Task<bool> IsHealthyAsync(CancellationToken cancellation);

    /// <summary>It answers no more, but has not ended by itself.</summary>
    void Kill();
}
