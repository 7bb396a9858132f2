using System.Text.Json;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Corpora;

/// <summary>The texts of a user's files: one file, or all of a folder and the folders in it.</summary>
/// <param name="path">Either.</param>
/// <param name="tell">Is told in a sentence what is not read, or read by a guess.</param>
public sealed class CorpusFiles(string path, Action<string> tell)
{
    private const long MostCharacters = 1L << 29; // held in memory, two bytes each
    private static readonly string[] Texts = [".txt", ".md", ".markdown", ".rst", ".adoc", ".org", ".tex", ".text", ".jsonl", ".ndjson"];

    /// <summary>All documents, in the order of the files' names. Of JSON lines the value <c>text</c> of each is one.</summary>
    /// <param name="cancellation">Looked at between files.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="InvalidDataException">There is no text in it, or too much.</exception>
    public IEnumerable<CorpusDocument> Read(CancellationToken cancellation)
    {
        string[] files = [.. Files()];
        var others = new List<string>();
        (int documents, long characters) = (0, 0);
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            CorpusDocument[] read;
            try
            {
                read = [.. Documents(file)];
            }
            catch (InvalidDataException e) when (files.Length > 1)
            {
                others.Add($"{Name(file)}: {e.Message}");
                continue;
            }
            foreach (CorpusDocument document in read)
            {
                documents++;
                if ((characters += document.Text.Length) > MostCharacters)
                    throw new InvalidDataException(
                        $"{path} has more than {MostCharacters >> 20} Mi characters, which is all that is held in memory. Give a part of it.");
                yield return document;
            }
        }
        foreach (string other in others.Take(10))
            tell($"not read: {other}");
        if (others.Count > 10)
            tell($"not read: {others.Count - 10} more files.");
        if (documents == 0)
            throw new InvalidDataException($"{path} has no text ({string.Join(", ", Texts)}, also packed as .gz).");
    }

    private IEnumerable<string> Files()
    {
        if (File.Exists(path))
            return [Path.GetFullPath(path)];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no file or folder {path}.", path);
        var everywhere = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        };
        return Directory.EnumerateFiles(Path.GetFullPath(path), "*", everywhere).Where(file => Texts.Contains(EndingOf(file))).Order(StringComparer.Ordinal);
    }

    private IEnumerable<CorpusDocument> Documents(string file)
    {
        using FileStream stream = File.OpenRead(file);
        var limits = new DatasetLimits();
        PackedFile packed = PackedFile.Of(stream, file, limits, new ReadingTime(limits.Time, TimeProvider.System, default), new DatasetReport());
        if (packed.Head.Length == 0)
            yield break;
        if (packed.Kind != FileKind.Text)
            throw new InvalidDataException("it is a table; give its texts as .txt, or as JSON lines with text.");
        TextEncoding encoding = TextEncoding.Of(packed, null);
        if (encoding.WrongAt is { } line)
            throw new InvalidDataException($"line {line} is no UTF-8, and what it is is not clear. Save the file as UTF-8.");
        if (encoding.IsGuess)
            tell($"{Name(file)}: read as {encoding.Name}, which is a guess.");
        using var reader = new StreamReader(encoding.Read(packed.Open()));
        if (EndingOf(file) is not (".jsonl" or ".ndjson"))
        {
            yield return new(Name(file), reader.ReadToEnd());
            yield break;
        }
        for (int number = 1; reader.ReadLine() is { } row; number++)
        {
            if (string.IsNullOrWhiteSpace(row))
                continue;
            string text = TextOf(row) ?? throw new InvalidDataException($"line {number} is no JSON object with a value \"text\".");
            yield return new($"{Name(file)}:{number}", text);
        }
    }

    private static string? TextOf(string row)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(row);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("text", out JsonElement text)
                && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string EndingOf(string file) =>
        Path.GetExtension(file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file).ToLowerInvariant();

    private string Name(string file) => File.Exists(path) ? Path.GetFileName(file) : Path.GetRelativePath(path, file);
}
