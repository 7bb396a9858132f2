using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Installation;

namespace FineTuneChat.Services;

/// <summary>FineTuneChat as a service: what the system is to run, and with what.</summary>
internal sealed record ServiceDefinition
{
    public const string Name = "finetunechat";
    public const string Description = "FineTuneChat, a chat server that learns from ratings";

    /// <summary>The program, its verb and options.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where the data of this user lies; a service of the whole machine has a place of its own.</summary>
    public required string Home { get; init; }

    /// <summary>Whether it starts with the machine, as a user of its own; else with its user's session.</summary>
    public required bool IsForMachine { get; init; }

    /// <summary>Whether llama.cpp's libraries for a GPU are there, so that it needs the GPU's devices.</summary>
    public bool UsesGpu { get; init; }

    /// <summary>What the service gets in its environment.</summary>
    /// <param name="home">Where its data goes.</param>
    public static IReadOnlyList<(string Name, string Value)> Environment(string home) =>
        [(UserRoot.Variable, home), ("FINETUNECHAT__Server__OpenBrowser", ServerSettings.Off)];
}
