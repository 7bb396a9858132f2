namespace FineTuneChat.Protocol.Configuration;

/// <summary>
/// Makes a setting an option of the command line. The property says the rest: its type, its default, and by its validation attributes what is allowed.
/// </summary>
/// <param name="flag">The option, such as <c>--rank</c>.</param>
/// <param name="value">What stands for its value in help, such as <c>N</c>.</param>
/// <param name="description">One sentence for help.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(string flag, string value, string description) : Attribute
{
    public string Flag => flag;
    public string Value => value;
    public string Description => description;

    /// <summary>An older name of the option that still works.</summary>
    public string? OldFlag { get; init; }

    /// <summary>What the option means where no value follows; null: it needs one.</summary>
    public string? Alone { get; init; }

    /// <summary>Whether several values may follow; they are joined by commas.</summary>
    public bool IsList { get; init; }

    /// <summary>What is done where nothing is given, in words; null: the property's default is.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Whether it decides how RoPE rotates: trainer, export and evaluation then need it as the engine does.</summary>
    public bool IsRope { get; init; }
}

/// <summary>The name that a setting had before. It still works, and a warning names the new one.</summary>
/// <param name="name">The old key.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OldNameAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>The properties of this one are keys of the same section.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InlineAttribute : Attribute;

/// <summary>Zero is allowed beside the range, in settings: it leaves the value to whoever uses it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ZeroIsOpenAttribute : Attribute;
