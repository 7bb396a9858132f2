using System.Reflection;
using System.Text.Json;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>A general question, asked of each base once.</summary>
/// <param name="Prompt">The user's message.</param>
/// <param name="Use"><see cref="Regression"/> or <see cref="Replay"/>.</param>
internal sealed record GeneralPrompt(string Prompt, string Use)
{
    /// <summary>Measured, never trained on.</summary>
    public const string Regression = "regression";

    /// <summary>Mixed into the dataset, so that it is not forgotten.</summary>
    public const string Replay = "replay";
}

/// <summary>
/// The bundled questions in English and Spanish (<c>GeneralPrompts.jsonl</c>). A line never changes its use: what was measured must not be trained on.
/// </summary>
internal static class GeneralPrompts
{
    public static IReadOnlyList<GeneralPrompt> All { get; } = Load();

    private static GeneralPrompt[] Load()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("GeneralPrompts.jsonl")!);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonSerializer.Deserialize(line, ReferenceJson.Default.GeneralPrompt)!)];
    }
}
