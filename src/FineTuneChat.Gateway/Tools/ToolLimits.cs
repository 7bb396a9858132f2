namespace FineTuneChat.Gateway.Tools;

/// <summary>What a server of tools may send. A server is a stranger's program: none of this is taken on trust.</summary>
internal static class ToolLimits
{
    /// <summary>Servers of one assistant.</summary>
    public const int Servers = 20;

    /// <summary>Bytes of one message of a server.</summary>
    public const int MessageBytes = 4 << 20;

    /// <summary>Pages of a server's list: one that never ends is left.</summary>
    public const int Pages = 16;

    /// <summary>Tools that were left out and are named.</summary>
    public const int LeftOut = 20;

    /// <summary>Characters of a function's name, as OpenAI's API and ours take it: server, two underscores, tool.</summary>
    public const int FunctionName = 64;

    /// <summary>Characters of a description; the rest is cut. All of them stand in every prompt.</summary>
    public const int Description = 2000;

    /// <summary>Bytes of a tool's schema.</summary>
    public const int SchemaBytes = 32 << 10;

    /// <summary>How deep a schema, and a call's arguments, may be nested.</summary>
    public const int Depth = 16;

    /// <summary>Bytes of a call's arguments.</summary>
    public const int ArgumentBytes = 1 << 20;

    /// <summary>How long a server that could not be reached is not asked again.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);
}
