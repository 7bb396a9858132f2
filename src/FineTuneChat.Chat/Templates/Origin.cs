namespace FineTuneChat.Chat.Templates;

/// <summary>
/// Where a character of a rendered prompt comes from. Text from data is never read for control tokens; in doubt, text is data.
/// </summary>
internal enum Origin : byte
{
    /// <summary>The template's own text, a role's name, the vocabulary's BOS and EOS.</summary>
    Template,

    /// <summary>Anything that a client sent: contents, names, tools, arguments.</summary>
    Data,

    /// <summary>Data too: the reply that is to be learned.</summary>
    Reply,

    /// <summary>Data too: the reasoning before that reply.</summary>
    Reasoning,
}

/// <summary>The origin of what is made of several texts at once.</summary>
internal static class Origins
{
    /// <summary>Not the template's unless all of it is; of two kinds of data, plain data.</summary>
    public static Origin Blend(this Origin one, Origin other) => (one, other) switch
    {
        _ when one == other => one,
        (Origin.Template, _) => other,
        (_, Origin.Template) => one,
        _ => Origin.Data,
    };
}
