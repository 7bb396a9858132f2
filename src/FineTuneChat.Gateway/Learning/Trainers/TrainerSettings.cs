using System.ComponentModel.DataAnnotations;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>Section <c>Trainer</c>: who trains the runs' adapters. This machine, unless it says otherwise: then nothing that is learned leaves it.</summary>
internal sealed class TrainerSettings
{
    public const string Section = "Trainer";
    public const string Local = "local", Job = "job";

    /// <summary><c>local</c>: this machine. <c>job</c>: a command, which is given a bundle and leaves PEFT's files.</summary>
    [AllowedValues(Local, Job)]
    public string Kind { get; init; } = Local;

    /// <summary>Of a <c>job</c>: the program and its arguments, one by one. No shell reads them. It runs in the bundle's folder.</summary>
    public string[] Command { get; init; } = [];

    /// <summary>What the trainer calls the base: its name on the hub. Empty: as its GGUF says.</summary>
    public string Base { get; init; } = "";

    /// <exception cref="UserException">What the kind needs is not given.</exception>
    public void Check()
    {
        if (Kind == Job && (Command.Length == 0 || Command[0].Length == 0))
            throw new UserException($"Setting {Section}:Kind is '{Job}', so {Section}:Command must name a program and its arguments, one by one: "
                + $"FINETUNECHAT__{Section}__Command__0=axolotl, …__1=train, …__2=axolotl.yml.");
    }
}
