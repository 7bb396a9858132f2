namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Values of <c>truncation</c>: OpenAI's two, and the two ways to do it.</summary>
internal static class Truncations
{
    /// <summary>As the assistant, the settings or the model's size say.</summary>
    public const string Auto = "auto";

    /// <summary>A talk that is too long is refused.</summary>
    public const string Disabled = "disabled";

    /// <summary>Its oldest turns are left out.</summary>
    public const string Drop = "drop";

    /// <summary>A summary by the model stands for its oldest turns.</summary>
    public const string Summary = "summary";

    private static readonly string[] All = [Auto, Disabled, Drop, Summary];

    /// <exception cref="OpenAiException">400: it is none of these.</exception>
    public static void Validate(string? truncation)
    {
        if (truncation is not null && !All.Contains(truncation))
            throw OpenAiException.InvalidRequest($"'truncation' is '{truncation}'; allowed: {string.Join(", ", All)}.", "truncation");
    }
}
