using Xunit;

namespace FineTuneChat.TestSupport;

/// <summary>Vocabularies of well-known models with llama.cpp's own recorded tokenisations beside them; too large for the repository.</summary>
public static class RecordedVocabularies
{
    public const string Folder = "/work/shared/data/vocab";

    public static string[] Files { get; } = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.gguf") : [];
}

/// <summary>A test that needs <see cref="RecordedVocabularies"/>. Skipped where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedVocabulariesFactAttribute : FactAttribute
{
    public RecordedVocabulariesFactAttribute()
    {
        if (RecordedVocabularies.Files.Length == 0)
            Skip = $"There are no vocabularies in {RecordedVocabularies.Folder}.";
    }
}
