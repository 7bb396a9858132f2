namespace FineTuneChat.Grammars;

/// <summary>A schema cannot be enforced. The message names the place in it, what is wrong, and what is allowed.</summary>
public sealed class SchemaException : Exception
{
    internal SchemaException(string path, string reason) : base($"{path}: {reason}")
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The same, where the schema stands inside something larger.</summary>
    internal SchemaException In(string place) => new(place + Path, Reason);

    /// <summary>JSON pointer of the place, as in <c>#/properties/name</c>.</summary>
    public string Path { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }
}
