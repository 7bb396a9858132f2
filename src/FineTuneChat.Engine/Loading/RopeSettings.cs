using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Engine.Loading;

/// <summary>How RoPE rotates, as the settings of section <c>Engine</c> say it: the same for engine, trainer, export and evaluation.</summary>
internal static class RopeSettings
{
    public static RopeOptions ToRope(this EngineSettings settings) => new()
    {
        Scaling = settings.RopeScaling switch { "none" => RopeScaling.None, "linear" => RopeScaling.Linear, "yarn" => RopeScaling.Yarn, _ => null },
        Factor = settings.RopeFactor > 0 ? (float)settings.RopeFactor : null,
        FrequencyBase = settings.RopeFrequencyBase > 0 ? (float)settings.RopeFrequencyBase : null,
        OriginalContext = settings.RopeOriginalContext > 0 ? settings.RopeOriginalContext : null,
        ServedContext = settings.ContextLength,
    };
}
