using FineTuneChat.Benchmarks;
using FineTuneChat.Benchmarks.Learning;
using FineTuneChat.Benchmarks.Scale;
using FineTuneChat.Native.Loading;

// dotnet run --project tests/FineTuneChat.Benchmarks -c Release
//     [-- kernels training scaling estimate serving memory storage recall import documents swap adapters speculation learning learning-quality scale]
//     [--small] [--peer COMMAND]...
if (args is [UpstreamStub.Verb])
    return await UpstreamStub.ServeAsync();

string[] known =
[
    "kernels", "training", "scaling", "estimate", "serving", "memory", "storage", "recall", "import", "documents", "swap", "adapters", "speculation",
    "learning", "learning-quality",
    "scale", .. LearningQualityBenchmark.Parts.Keys,
];
bool isSmall = args.Contains("--small");
string[] peers = [.. args.Where((_, i) => i > 0 && args[i - 1] == "--peer")];
string[] groups = [.. args.Where(a => a is not ("--small" or "--peer")).Except(peers)];
if (groups.Except(known).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine(
        $"There is no benchmark '{unknown}'. There are: {string.Join(", ", known)}; "
        + "--small leaves out the 0.5 B shape and takes a small database and few swaps; --peer COMMAND runs another trainer in turn with training.");
    return 2;
}

NativeLibraries.Load();
var models = new BenchmarkModels();
var report = new Report();
// learning-quality takes hours, scale thousands of sockets: they and the parts of the first are asked for by name.
foreach (string group in groups.Length > 0 ? groups : known.TakeWhile(k => k != "learning-quality"))
{
    switch (group)
    {
        case "kernels":
            KernelBenchmark.Run(report);
            break;
        case "training":
            TrainingBenchmark.Run(report, models, isSmall, peers);
            break;
        case "scaling":
            TrainingScalingBenchmark.Run(report, models, isSmall);
            break;
        case "estimate":
            EstimateBenchmark.Run(report, models, isSmall);
            break;
        case "serving":
            await ServingBenchmark.RunAsync(report, models, isSmall);
            break;
        case "memory":
            await ServingMemory.RunAsync(report);
            break;
        case "swap":
            await SwapBenchmark.RunAsync(report, isSmall);
            break;
        case "adapters":
            await AdapterBenchmark.RunAsync(report, models, isSmall);
            break;
        case "speculation":
            await SpeculationBenchmark.RunAsync(report, models, isSmall);
            break;
        case "learning":
            await LearningBenchmark.RunAsync(report);
            break;
        case "learning-quality":
            await LearningQualityBenchmark.RunAsync(report, isSmall);
            break;
        case "scale":
            await GatewayBenchmark.RunAsync(report, isSmall);
            break;
        case "storage":
            await StorageBenchmark.RunAsync(report, isSmall);
            break;
        case "recall":
            await RecallBenchmark.RunAsync(report, isSmall);
            break;
        case "import":
            await ImportBenchmark.RunAsync(report, isSmall);
            break;
        case "documents":
            await DocumentBenchmark.RunAsync(report);
            break;
        default:
            await LearningQualityBenchmark.Parts[group](report, isSmall);
            break;
    }
}
report.Print();
return 0;
