using System.Text;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>A text file unpacked and decoded: by its byte order mark, as UTF-8, or as Windows-1252 where it looks like that.</summary>
/// <param name="Name">Without the ending that a packer puts on.</param>
/// <param name="Text">Lines end with a line feed.</param>
internal sealed record DecodedText(string Name, string Text)
{
    /// <exception cref="InvalidDataException">It is no text, or larger than is allowed.</exception>
    public static DecodedText Of(ReadOnlyMemory<byte> bytes, string name, PassageWriter limits)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        PackedFile file = PackedFile.Of(stream, name, limits.Limits.OfTables, limits.Time, new DatasetReport());
        TextEncoding encoding = TextEncoding.Of(file, null);
        using var reader = new StreamReader(encoding.Read(new BoundedStream(file.Open(), limits.Limits.PartBytes)), Encoding.UTF8);
        string text = reader.ReadToEnd();
        limits.Unpack(text.Length);
        return new(file.Name, text.ReplaceLineEndings("\n"));
    }
}
