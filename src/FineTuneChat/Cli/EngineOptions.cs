using System.CommandLine;
using System.Globalization;
using System.Reflection;
using FineTuneChat.Engine;
using FineTuneChat.Gateway;

namespace FineTuneChat.Cli;

/// <summary>
/// The settings of section <c>Engine</c> that are options, too, of <c>engine</c> and of <c>serve</c>. The gateway starts its engines with them.
/// Their values are texts here: type, range and default are those of <see cref="EngineSettings"/>.
/// </summary>
internal static class EngineOptions
{
    /// <summary>Those that decide how positions are computed. <c>train</c>, <c>export</c> and <c>evaluate</c> have them, too: they must compute what the engine will.</summary>
    private static readonly (Option<string?> Option, PropertyInfo Setting)[] Positions =
    [
        Of("--ctx", "N", nameof(EngineSettings.ContextLength), "Most tokens of one request, prompt and reply together (0: as trained, less where memory is short)."),
        Of("--rope-scaling", "KIND", nameof(EngineSettings.RopeScaling), "Beyond the trained context: model, none, linear or yarn."),
        Of("--rope-factor", "X", nameof(EngineSettings.RopeFactor), "How many times longer the context becomes by it (0: as the model says)."),
        Of("--rope-freq-base", "X", nameof(EngineSettings.RopeFrequencyBase), "Base of the rotation's frequencies (0: the model's)."),
        Of("--rope-original-ctx", "N", nameof(EngineSettings.RopeOriginalContext), "Context before scaling, for YaRN (0: the model's)."),
    ];

    private static readonly (Option<string?> Option, PropertyInfo Setting)[] All =
    [
        .. Positions,
        Of("--parallel", "N", nameof(EngineSettings.Parallel), "Replies that are written at a time."),
        Of("--queue", "N", nameof(EngineSettings.MaxQueue), "Requests that may wait; one more is answered with 429."),
        Of("--prefix-cache", "N", nameof(EngineSettings.PrefixCacheTokens), "Tokens of ended conversations that stay in the cache (-1: the newest one, and older ones up to a quarter of the context)."),
        Of("--threads", "N", nameof(EngineSettings.Threads), "Compute threads (0: all cores but one, beyond four half of them)."),
        Of("--gpu-layers", "N", nameof(EngineSettings.GpuLayers), "Layers on the GPU (-1: as many as fit)."),
        Of("--flash-attention", "WHEN", nameof(EngineSettings.FlashAttention), "Fused attention: auto, on or off; quantised cached values need it."),
        Of("--cache-type-k", "TYPE", nameof(EngineSettings.CacheTypeKeys), "Type of the cached keys: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 or iq4_nl."),
        Of("--cache-type-v", "TYPE", nameof(EngineSettings.CacheTypeValues), "Type of the cached values: the same."),
        Of("--batch", "N", nameof(EngineSettings.BatchSize), "Most tokens of one step."),
        Of("--micro-batch", "N", nameof(EngineSettings.MicroBatchSize), "Tokens that are computed together."),
        Of("--mmap", "WHEN", nameof(EngineSettings.MemoryMap), "Map the model's file instead of reading it: auto, on or off."),
        Of("--mlock", "FLAG", nameof(EngineSettings.MemoryLock), "Keep the weights from being swapped out: true or false."),
        Of("--memory-check", "FLAG", nameof(EngineSettings.MemoryCheck), "Refuse a model that needs more memory than there is: true or false."),
    ];

    public static void AddTo(Command command) => Add(command, All);

    /// <summary>To a verb that computes what the engine will.</summary>
    public static void AddPositionsTo(Command command) => Add(command, Positions);

    private static void Add(Command command, (Option<string?> Option, PropertyInfo Setting)[] options)
    {
        foreach (var (option, _) in options)
            command.Options.Add(option);
    }

    /// <summary>What was given on the command line, as settings: <c>Engine:ContextLength</c> and its value.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed) =>
        from pair in All
        let value = parsed.GetValue(pair.Option)
        where value is not null
        select KeyValuePair.Create($"{EngineSettings.Section}:{pair.Setting.Name}", (string?)value);

    /// <summary>What was given on the command line, with the defaults of what was not.</summary>
    public static EngineSettings Read(ParseResult parsed) => Settings.Read<EngineSettings>(new ConfigurationBuilder().AddInMemoryCollection(Given(parsed)).Build(), EngineSettings.Section);

    /// <summary>The command line that gives another process these settings.</summary>
    public static IEnumerable<string> ArgumentsFor(EngineSettings settings) => ArgumentsFor(settings, All);

    /// <summary>The part of it for a verb that computes what the engine will.</summary>
    public static IEnumerable<string> PositionArgumentsFor(EngineSettings settings) => ArgumentsFor(settings, Positions);

    private static IEnumerable<string> ArgumentsFor(EngineSettings settings, (Option<string?> Option, PropertyInfo Setting)[] options) =>
        options.SelectMany(pair => new[] { pair.Option.Name, Text(pair.Setting.GetValue(settings)!) });

    private static (Option<string?> Option, PropertyInfo Setting) Of(string name, string value, string key, string description)
    {
        PropertyInfo setting = typeof(EngineSettings).GetProperty(key)!;
        var option = new Option<string?>(name) { HelpName = value, Description = $"{description} [{Text(setting.GetValue(new EngineSettings())!)}]" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Settings.Fault(setting, token.Value) is { } fault)
                result.AddError($"{name} is '{token.Value}', but it {fault}.");
        });
        return (option, setting);
    }

    private static string Text(object value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
