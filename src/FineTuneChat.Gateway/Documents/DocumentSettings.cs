using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Documents;

/// <summary>Section <c>Documents</c>: how chats look things up in documents.</summary>
internal sealed class DocumentSettings
{
    public const string Section = "Documents";

    /// <summary>
    /// How relevant a passage must be at least, from 0 to 1. With none that is, a reply says that the documents hold nothing about the question.
    /// </summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; } = 0.45;

    /// <summary>Passages that a question is given at most.</summary>
    [Range(1, 50)]
    public int Passages { get; init; } = 5;

    /// <summary>Share of the model's context that passages may take.</summary>
    [Range(0.05, 0.9)]
    public double Share { get; init; } = 0.5;

    /// <summary>A reranker in <c>models/</c>, which puts the passages that were found in order. Empty: none.</summary>
    public string Reranker { get; init; } = "";

    /// <summary>Folders of this machine whose documents are kept as collections, each of its own: what changes there is read again.</summary>
    public string[] Folders { get; init; } = [];

    /// <summary>Megabytes of a document; a larger file is refused when it is read.</summary>
    [Range(1, 1_000)]
    public int MaxFileMegabytes { get; init; } = 128;

    /// <summary>Pages or slides of a document.</summary>
    [Range(1, 100_000)]
    public int MaxPages { get; init; } = 5_000;
}
