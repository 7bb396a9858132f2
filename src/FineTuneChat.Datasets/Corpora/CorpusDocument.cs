namespace FineTuneChat.Datasets.Corpora;

/// <summary>A text to learn to write from.</summary>
/// <param name="Name">Its file, or its line in one.</param>
/// <param name="Text">All of it.</param>
public sealed record CorpusDocument(string Name, string Text);

/// <summary>What a rule has done to a corpus.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Changed">Paragraphs that it changed.</param>
/// <param name="LeftOut">Paragraphs that it left out; of <c>short_documents</c> documents, of <c>other_files</c> files.</param>
public sealed record CorpusFigure(string Rule, int Changed, int LeftOut);
