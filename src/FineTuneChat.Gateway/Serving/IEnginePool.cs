namespace FineTuneChat.Gateway.Serving;

/// <summary>Where engines come from.</summary>
internal interface IEnginePool
{
    /// <summary>Something that answers for a model id, and has passed its first checks.</summary>
    /// <param name="engine">Whose.</param>
    /// <param name="progress">Told which share of the weights is there, where they are loaded for it.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="EngineException">There is none, or it does not pass them; others go on.</exception>
    Task<IRunningEngine> JoinAsync(EngineSpecification engine, Action<double> progress, CancellationToken cancellation);

    /// <summary>A version's files are being deleted: what is loaded of it goes, too, after its last reply.</summary>
    Task ForgetAsync(string alias);
}

/// <summary>Engines that somebody else runs: nothing is started for them here.</summary>
internal interface IUpstream : IEnginePool
{
    /// <summary>Whether they answer for a model id, so that this machine need not.</summary>
    bool Serves(EngineSpecification engine);
}
