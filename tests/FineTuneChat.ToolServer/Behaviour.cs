namespace FineTuneChat.ToolServer;

/// <summary>How the server behaves.</summary>
public static class Behaviour
{
    /// <summary>As a server should.</summary>
    public const string Good = "good";

    /// <summary>Ends at once, and says a secret on its error stream.</summary>
    public const string Crashing = "crashing";

    /// <summary>Reads, and never answers.</summary>
    public const string Silent = "silent";

    /// <summary>Writes what is no message before it answers as it should.</summary>
    public const string Noisy = "noisy";

    /// <summary>Lists its tools in a message of five megabytes.</summary>
    public const string Huge = "huge";

    /// <summary>Its list has always another page.</summary>
    public const string Endless = "endless";

    /// <summary>Its pages are empty, and never end.</summary>
    public const string EndlesslyEmpty = "endlessly-empty";

    /// <summary>Has 500 tools.</summary>
    public const string Many = "many";

    /// <summary>Names that repeat, hide or imitate; descriptions that speak a template's language.</summary>
    public const string Names = "names";

    /// <summary>Schemas that are deep, large, or refer to themselves.</summary>
    public const string Schemas = "schemas";

    /// <summary>A list that is none.</summary>
    public const string WrongShape = "wrong-shape";
}
