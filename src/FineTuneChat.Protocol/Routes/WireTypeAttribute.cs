namespace FineTuneChat.Protocol.Routes;

/// <summary>What the JSON of a property looks like that is any JSON, or has a converter: as one of these types. For the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WireTypeAttribute(params Type[] types) : Attribute
{
    public IReadOnlyList<Type> Types => types;

    /// <summary>Whether it may be null, where the property's own type does not say so.</summary>
    public bool OrNull { get; init; }
}
