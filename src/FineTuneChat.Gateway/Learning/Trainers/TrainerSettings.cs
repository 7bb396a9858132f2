using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Upstream;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>Section <c>Trainer</c>: who trains the runs' adapters. This machine, unless it says otherwise: then nothing that is learned leaves it.</summary>
internal sealed class TrainerSettings
{
    public const string Section = "Trainer";
    private static readonly string[] Keepers = ["api.openai.com", ".openai.azure.com"]; // a run there would be paid for, and lost
    public const string Local = "local", Job = "job", OpenAi = "openai";

    /// <summary>
    /// <c>local</c>: this machine. <c>job</c>: a command, which is given a bundle and leaves PEFT's files. <c>openai</c>: a server with OpenAI's fine-tuning
    /// jobs that gives the adapter back, such as another of these.
    /// </summary>
    [AllowedValues(Local, Job, OpenAi)]
    public string Kind { get; init; } = Local;

    /// <summary>Of a <c>job</c>: the program and its arguments, one by one. No shell reads them. It runs in the bundle's folder.</summary>
    public string[] Command { get; init; } = [];

    /// <summary>Of an <c>openai</c>: its address, with or without its <c>/v1</c>.</summary>
    public string Url { get; init; } = "";

    /// <summary>Its API key, best given as <c>FINETUNECHAT__Trainer__Key</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary>What the model to train on is called there. Empty: as the base's file is called here, by which another of these servers knows it.</summary>
    public string Model { get; init; } = "";

    /// <summary>How long it is waited for while it cannot be reached, and how long a file may take on its way.</summary>
    [Range(1, 7 * 24 * 60)]
    public int PatienceMinutes { get; init; } = 60;

    /// <summary>What the trainer calls the base: its name on the hub. Empty: as its GGUF says.</summary>
    public string Base { get; init; } = "";

    /// <exception cref="UserException">What the kind needs is not given.</exception>
    public void Check()
    {
        if (Kind == Job && (Command.Length == 0 || Command[0].Length == 0))
            throw new UserException($"Setting {Section}:Kind is '{Job}', so {Section}:Command must name a program and its arguments, one by one: "
                + $"FINETUNECHAT__{Section}__Command__0=axolotl, …__1=train, …__2=axolotl.yml.");
        if (Kind != OpenAi)
            return;
        string host = Address().Host;
        if (Keepers.FirstOrDefault(keeper => host.EndsWith(keeper, StringComparison.OrdinalIgnoreCase)) is not null)
            throw new UserException(
                $"Setting {Section}:Url is '{Url}', but {host} keeps what it trains: it gives no adapter back that could be measured and served here. "
                + $"Name a server that does, such as another FineTuneChat, or set {Section}:Kind to {Job} or {Local}.");
    }

    /// <summary>Up to its <c>/v1</c>, which is left out.</summary>
    /// <exception cref="UserException">It is no address.</exception>
    public Uri Address() => UpstreamSettings.Root(Url, $"{Section}:Url");
}
