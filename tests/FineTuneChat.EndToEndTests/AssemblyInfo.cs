using FineTuneChat.TestSupport;

// Three at a time (the page, learning, the week, erasure), each with servers of its own: a browser waits most of the time, and a run trains on one thread.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
[assembly: AssemblyTrait(Tier.Name, Tier.Slow)]
