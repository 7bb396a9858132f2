using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Engine.Loading;

/// <summary>Chooses what the settings leave open from the model and the machine, and refuses what cannot work before anything is loaded.</summary>
internal sealed class LoadPlanner(GgufFile file, ModelShape shape, EngineSettings settings, Machine machine)
{
    private const int CellGranularity = 256; // tokens; llama.cpp rounds to it
    private const int SmallMicroBatch = 64; // tokens; smaller ones compute more slowly
    private const double GpuShare = 0.9; // of its free memory: its driver needs some

    /// <exception cref="UserException">
    /// Settings contradict the model or each other, or memory does not suffice: with the figures, and what would help.
    /// </exception>
    public LoadPlan Choose()
    {
        GgmlType keys = Type(settings.CacheTypeKeys), values = Type(settings.CacheTypeValues);
        int context = settings.ContextLength > 0
            ? Checked(settings.ContextLength)
            : ServedContext.Choose(file, shape, new() { KeyType = keys, ValueType = values }, LongestContext, machine.AvailableBytes);
        LoadPlan plan = PlanFor(context, keys, values);
        UserException.When<LlamaException>(() => plan.Context.Require(shape));
        UserException.When<LlamaException>(plan.Model.Rope.Require);
        if (settings.MemoryCheck)
            RequireMemory(plan);
        return plan;
    }

    private LoadPlan PlanFor(int context, GgmlType keys, GgmlType values, int microBatch = int.MaxValue)
    {
        ContextOptions options = ServedContext.For(file, shape, new ContextOptions
        {
            CacheTokens = context,
            BatchSize = settings.BatchSize,
            MicroBatchSize = Math.Min(microBatch, Math.Min(settings.MicroBatchSize, settings.BatchSize)),
            Threads = settings.ThreadsOrDefault,
            KeyType = keys,
            ValueType = values,
            FlashAttention = Switch(settings.FlashAttention),
        }, settings.Parallel);
        int gpuLayers = GpuLayers(options);
        return new LoadPlan
        {
            Model = new ModelOptions
            {
                GpuLayers = gpuLayers,
                MemoryMap = Switch(settings.MemoryMap),
                LockMemory = settings.MemoryLock,
                Rope = settings.ToRope(),
            },
            Context = options,
            ContextLength = context,
            Parallel = settings.Parallel,
            Memory = MemoryEstimate.Of(file, shape, options, gpuLayers),
        };
    }

    private int Checked(int asked)
    {
        int longest = LongestContext;
        return asked <= longest
            ? asked
            : throw new UserException(
                $"--ctx {asked} is more than the {longest} tokens that {file.Path} was trained for. Choose at most {longest}, or stretch it with "
                + "--rope-scaling yarn --rope-factor N.");
    }

    private int LongestContext
    {
        get
        {
            if (settings.RopeFrequencyBase > 0)
                return int.MaxValue / CellGranularity * CellGranularity; // who changes the base knows how far it reaches
            int trained = settings.RopeFactor > 1 && settings.RopeOriginalContext > 0 ? settings.RopeOriginalContext : shape.TrainedContext;
            return settings.RopeFactor > 1 && settings.RopeScaling != "none" ? (int)Math.Min(trained * settings.RopeFactor, 1 << 26) : trained;
        }
    }

    /// <summary>As many layers as the GPU's memory holds, the head counted as one; none without a GPU.</summary>
    private int GpuLayers(ContextOptions options)
    {
        int most = shape.Layers.Count + 1;
        if (machine.Gpus.Count == 0)
            return 0;
        if (settings.GpuLayers >= 0)
            return Math.Min(settings.GpuLayers, most);
        int layers = most;
        while (layers > 0 && MemoryEstimate.Of(file, shape, options, layers).Device > machine.GpuBytes * GpuShare)
            layers--;
        return layers;
    }

    private void RequireMemory(LoadPlan plan)
    {
        if (plan.Memory.Host > machine.AvailableBytes)
            throw TooLarge(plan);
        if (plan.Memory.Device > machine.GpuBytes)
            throw new UserException(
                $"--gpu-layers {plan.Model.GpuLayers} takes about {ByteText.Of(plan.Memory.Device)} of the GPU's memory, but "
                + $"{ByteText.Of(machine.GpuBytes)} are free. With -1, as many layers go there as fit.");
    }

    private UserException TooLarge(LoadPlan plan)
    {
        MemoryEstimate memory = plan.Memory;
        string figures =
            $"weights {ByteText.Of(memory.Weights.Host)}, cache for {plan.Context.CacheTokens} tokens {ByteText.Of(memory.Cache.Host)}, computation "
            + $"{ByteText.Of(memory.Compute.Host + memory.Output)}";
        return new UserException(
            $"{file.Path} needs about {ByteText.Of(memory.Host)} ({figures}), but {ByteText.Of(machine.AvailableBytes)} are available. {Remedy(plan)}");
    }

    /// <summary>The first of a few changes that would make it fit.</summary>
    private string Remedy(LoadPlan plan)
    {
        bool canShrink = shape.Layers.All(l => l.KeyWidth % GgmlTypes.BlockSize(GgmlType.Q8_0) == 0 && l.ValueWidth % GgmlTypes.BlockSize(GgmlType.Q8_0) == 0);
        if (plan.Context.MicroBatchSize > SmallMicroBatch && Fits(plan.ContextLength, plan.Context.KeyType, plan.Context.ValueType, SmallMicroBatch))
            return $"It would fit with --micro-batch {SmallMicroBatch}.";
        for (int context = plan.ContextLength; context >= CellGranularity; context /= 2)
        {
            if (context < plan.ContextLength && Fits(context, plan.Context.KeyType, plan.Context.ValueType))
                return $"It would fit with a shorter context: --ctx {context}.";
            if (canShrink && plan.Context.FlashAttention != false && Fits(context, GgmlType.Q8_0, GgmlType.Q8_0))
                return $"It would fit with --ctx {context} --cache-type-k q8_0 --cache-type-v q8_0.";
        }

        return "No shorter context makes it fit: choose a smaller file (fewer bits for each weight, or fewer weights), close other programs, or start all "
            + "the same with --memory-check false.";
    }

    private bool Fits(int context, GgmlType keys, GgmlType values, int microBatch = int.MaxValue) =>
        PlanFor(context, keys, values, microBatch).Memory.Host <= machine.AvailableBytes;

    private static GgmlType Type(string name) => Enum.Parse<GgmlType>(name, ignoreCase: true);

    private static bool? Switch(string value) => value switch { EngineSettings.On => true, EngineSettings.Off => false, _ => null };
}
