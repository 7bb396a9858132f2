namespace FineTuneChat.Protocol.Processes;

/// <summary>Lines that the gateway writes to the standard input of a process that works for it; the end of the input is the gateway's.</summary>
internal static class TrainerCommands
{
    public const string Pause = "pause", Resume = "resume";
}
