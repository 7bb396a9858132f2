using FineTuneChat.TestSupport;

// Two at a time, each with servers of its own: the page's tests wait for a browser most of the time, those of learning for one thread that trains.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyTrait(Tier.Name, Tier.Slow)]
