using System.Text;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Puts one combination in twenty aside for the exam, by a hash that no seed changes.</summary>
internal static class HeldOut
{
    private const uint OneIn = 20;

    public static bool Contains(string skill, Sample sample) => sample.Key is { } key && Contains(skill, key);

    public static bool Contains(string skill, string key) => Hash($"{skill}|{Normalised(key)}") % OneIn == 0;

    /// <summary>The text without what <see cref="Surface"/> may drop: a slip of the keyboard does not make another question.</summary>
    public static string Normalised(string text) => text.TrimStart('¿', '¡').TrimEnd('?', '!', '.').ToLowerInvariant();

    // FNV-1a, then mixed: its low bits alone are weak.
    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * 16777619u;
        hash ^= hash >> 15;
        hash *= 0x2C1B3C6Du;
        return hash ^ (hash >> 13);
    }
}
