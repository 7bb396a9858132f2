namespace FineTuneChat.Making.Axolotl;

/// <summary>What becomes of a key of Axolotl's YAML.</summary>
internal enum KeyUse
{
    /// <summary>It is an option here, too.</summary>
    Taken,

    /// <summary>It is done by another option, or by itself.</summary>
    Translated,

    /// <summary>It says how a GPU or a Python library is to be used, and changes nothing of the result here.</summary>
    NotNeeded,

    /// <summary>It would change the result, and cannot be done here.</summary>
    NotSupported,
}

/// <summary>A key that is known.</summary>
/// <param name="Name">As in the file; <c>*</c> at its end: all that begin so.</param>
/// <param name="Use">What becomes of it, unless its value says otherwise.</param>
/// <param name="Here">What there is here in its place, for the table in docs/making.md.</param>
/// <param name="Read">Takes its value, as text or as a list; returns what is to be said of it in place of <paramref name="Here"/>, or null.</param>
internal sealed record AxolotlKey(string Name, KeyUse Use, string Here, Func<AxolotlValue, AxolotlConfig, Reading?>? Read = null);

/// <summary>What was read of one key, where that depends on its value.</summary>
/// <param name="Use">What becomes of it.</param>
/// <param name="Here">What there is here in its place.</param>
internal sealed record Reading(KeyUse Use, string Here);

/// <summary>What is said of one key of a file.</summary>
/// <param name="Key">With its value.</param>
/// <param name="Use">What becomes of it.</param>
/// <param name="Here">What there is here in its place.</param>
internal sealed record AxolotlFinding(string Key, KeyUse Use, string Here)
{
    public string Text => Use switch
    {
        KeyUse.Taken => $"{Key}: taken, {Here}.",
        KeyUse.Translated => $"{Key}: translated, {Here}.",
        KeyUse.NotNeeded => $"{Key}: not needed, {Here}.",
        _ => $"{Key}: NOT supported, {Here}.",
    };
}
