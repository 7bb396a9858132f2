// Each test runs whole servers and a browser; side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
