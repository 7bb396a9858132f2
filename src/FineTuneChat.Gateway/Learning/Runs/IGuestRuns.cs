namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Runs for another gateway: of files that it has sent, and nothing but the adapter comes of them, which it measures at home.</summary>
internal interface IGuestRuns
{
    /// <summary>Whether a run is one.</summary>
    bool Has(string run);

    /// <summary>Writes the run's data, unless it is there.</summary>
    Task PrepareAsync(RunReporter reporter, RunFolder folder);

    /// <summary>Puts the adapter where it can be fetched.</summary>
    Task HandOverAsync(Run run, RunFolder folder);
}
