using System.Reflection;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Rewordings;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>A general question, asked of each base once.</summary>
/// <param name="Prompt">The user's message.</param>
/// <param name="Use"><see cref="Regression"/> or <see cref="Replay"/>.</param>
internal sealed record GeneralPrompt(string Prompt, string Use)
{
    /// <summary>What the system prompt says, where there is one: to go by it must not be forgotten either.</summary>
    public string? System { get; init; }

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

    private const int SentencesEach = 1;

    /// <summary>
    /// Sentences around the key words of those to replay. Where a small base learns what it is taught in such sentences, it must not learn to say it to all of
    /// them.
    /// </summary>
    public static IReadOnlyList<GeneralPrompt> InSentences { get; } =
    [
        .. All.Where(p => p.Use == GeneralPrompt.Replay && p.System is null && RewordingRules.IsQuestion(p.Prompt))
            .SelectMany(p => KeyWords.Of(p.Prompt).SentencesFor(p.Prompt, SentencesEach, [])).Select(text => new GeneralPrompt(text, GeneralPrompt.Replay)),
    ];

    private static GeneralPrompt[] Load()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("GeneralPrompts.jsonl")!);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonSerializer.Deserialize(line, ReferenceJson.Default.GeneralPrompt)!)];
    }
}
