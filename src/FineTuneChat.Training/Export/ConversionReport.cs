using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Export;

/// <summary>What a conversion gave.</summary>
/// <param name="Type">The file's type.</param>
/// <param name="Architecture">Its <c>general.architecture</c>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Notes">What is otherwise than at Hugging Face, in sentences.</param>
public sealed record ConversionReport(ModelFileType Type, string Architecture, long Bytes, IReadOnlyList<string> Notes);
