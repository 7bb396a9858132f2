using System.Globalization;
using System.Text.RegularExpressions;

namespace FineTuneChat.Protocol;

/// <summary>The ids of assistants and of their versions, which are model ids: <c>legal</c>, <c>legal@3</c>.</summary>
internal static partial class AssistantNames
{
    /// <summary>The first one: it is always there, and meant where none is named.</summary>
    public const string Default = "assistant";

    /// <summary>The longest that an id may be, in characters.</summary>
    public const int MaxLength = 40;

    /// <summary>The model id of one version: <c>assistant@3</c>.</summary>
    /// <param name="assistant">Whose version it is.</param>
    /// <param name="version">Its number.</param>
    public static string Versioned(string assistant, int version) => $"{assistant}@{version}";

    /// <summary>Whether a model id is that of a version.</summary>
    /// <param name="model">The id.</param>
    public static bool IsVersion(string? model) => Split(model) is not null;

    /// <summary>A version's model id in its parts; null where it is none.</summary>
    /// <param name="model">The id.</param>
    public static (string Assistant, int Version)? Split(string? model) =>
        model?.Split('@') is [var assistant, var number] && IsId(assistant)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? (assistant, version)
            : null;

    /// <summary>Whether an assistant may be called so.</summary>
    /// <param name="id">The id.</param>
    public static bool IsId(string id) => id.Length <= MaxLength && Id().IsMatch(id);

    /// <summary>A folder has its name; nothing in it leads out of that.</summary>
    [GeneratedRegex("^[a-z][a-z0-9-]*[a-z0-9]$")]
    private static partial Regex Id();
}
