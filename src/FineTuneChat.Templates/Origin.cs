namespace FineTuneChat.Templates;

/// <summary>
/// Where a character of a rendered text comes from. When characters of several origins are combined into one value whose parts
/// can no longer be told apart, the value is the template's only if all of it is.
/// </summary>
/// <remarks>Values above <see cref="Data"/> are the caller's own: data too, which it wants to find again in the rendered text.</remarks>
public enum Origin : byte
{
    /// <summary>The template's own text, and values that the caller vouches for.</summary>
    Template,

    /// <summary>Data from outside.</summary>
    Data,
}

/// <summary>The origin of what is made of several texts at once.</summary>
internal static class Origins
{
    /// <summary>Of two different kinds of data: plain data.</summary>
    public static Origin Blend(this Origin one, Origin other) => (one, other) switch
    {
        _ when one == other => one,
        (Origin.Template, _) => other,
        (_, Origin.Template) => one,
        _ => Origin.Data,
    };
}
