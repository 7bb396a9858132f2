namespace FineTuneChat.Starter.Corpus;

/// <summary>Reads the sheets and tables that are embedded in this assembly.</summary>
internal static class Resources
{
    /// <summary>The lines of an embedded file without comments (<c>#</c>) and empty lines.</summary>
    /// <param name="name">For example <c>Sheets/capitals.txt</c>.</param>
    public static IReadOnlyList<string> Lines(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream($"Corpus/{name}")
            ?? throw new ArgumentException($"The corpus has no file {name}.", nameof(name));
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0 && !l.StartsWith('#'))];
    }

    /// <summary>The lines of all sheets and tables, in order of their names.</summary>
    public static IEnumerable<string> AllLines() => typeof(Resources).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
        .Where(n => n.StartsWith("Corpus/", StringComparison.Ordinal)).SelectMany(n => Lines(n["Corpus/".Length..]));

    /// <summary>The names of all sheets, without folder and ending, in order.</summary>
    public static IReadOnlyList<string> SheetNames { get; } =
        [.. typeof(Resources).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("Corpus/Sheets/", StringComparison.Ordinal))
            .Select(n => Path.GetFileNameWithoutExtension(n)).Order(StringComparer.Ordinal)];
}
