Console.WriteLine("FineTuneChat benchmarks");
