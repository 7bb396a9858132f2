using System.Security.Cryptography;

namespace FineTuneChat.Training.Runs;

/// <summary>The files that a run is made of, by their SHA-256: a checkpoint goes on with the same ones only.</summary>
public sealed record RunSources
{
    /// <summary>The base model's.</summary>
    public string? Base { get; init; }

    /// <summary>The dataset's.</summary>
    public string? Data { get; init; }

    /// <summary>The held-out dataset's; null = there is none.</summary>
    public string? Validation { get; init; }

    /// <summary>That of the examples in which the base is to stay as it is; null = there are none.</summary>
    public string? Keep { get; init; }

    /// <summary>That of the preferences that are learned beside the dataset; null = there are none.</summary>
    public string? Feedback { get; init; }

    /// <summary>That of the examples after which the run may end; null = there are none.</summary>
    public string? Until { get; init; }

    /// <summary>That of the adapter to begin with; null = a new one.</summary>
    public string? From { get; init; }

    /// <summary>SHA-256 of what a file holds now, in lower-case hexadecimal.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
