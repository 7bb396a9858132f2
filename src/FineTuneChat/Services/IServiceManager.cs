namespace FineTuneChat.Services;

/// <summary>A system's way to run services: the file that describes one, and the commands that are to be run. Nothing here touches the system.</summary>
internal interface IServiceManager
{
    /// <summary>The file that describes the service; null: this system keeps none.</summary>
    string? Path { get; }

    /// <summary>A folder for its data that is to be there first; null: the system makes it, or it is the user's.</summary>
    string? Folder { get; }

    /// <summary>What is written there; for a system without a file, the commands as a person would type them.</summary>
    string Text { get; }

    /// <summary>After the file is written.</summary>
    IReadOnlyList<string[]> Install { get; }

    /// <summary>Before the file is deleted.</summary>
    IReadOnlyList<string[]> Uninstall { get; }

    /// <summary>After the file is deleted.</summary>
    IReadOnlyList<string[]> Forget { get; }

    /// <summary>Asks how it is.</summary>
    string[] Status { get; }

    /// <summary>Reads the answer to <see cref="Status"/>.</summary>
    ServiceState StateOf(int exitCode, string output);
}

internal enum ServiceState
{
    Missing,
    Stopped,
    Running,
}
