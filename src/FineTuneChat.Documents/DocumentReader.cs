using FineTuneChat.Datasets.Files;
using FineTuneChat.Documents.Formats;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents;

/// <summary>Reads files of every kind that holds text.</summary>
public static class DocumentReader
{
    private const int StackBytes = 16 << 20; // readers of nested formats recurse

    /// <summary>What a file says. Nothing of a damaged or too large file is given.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="name">Without folders; its ending decides between kinds of text.</param>
    /// <param name="limits">How much is read; null: the default.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DocumentException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public static Document Read(ReadOnlyMemory<byte> bytes, string name, DocumentLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new DocumentLimits();
        Document? document = null;
        Exception? failure = null;
        var reading = new Thread(() =>
        {
            try
            {
                document = ReadHere(bytes, name, limits, cancellation);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, StackBytes)
        { IsBackground = true, Name = "document" };
        reading.Start();
        reading.Join();
        return document ?? throw failure!;
    }

    /// <summary>Whether a file looks like one that can be read, by its beginning and its name. It may be damaged.</summary>
    public static bool HoldsText(ReadOnlySpan<byte> head, string name) => FormatReader.HoldsText(head, name);

    private static Document ReadHere(ReadOnlyMemory<byte> bytes, string name, DocumentLimits limits, CancellationToken cancellation)
    {
        var text = new PassageWriter(limits, new ReadingTime(limits.Time, TimeProvider.System, cancellation));
        try
        {
            string kind = FormatReader.Read(bytes, name, text, limits.Attachments);
            return text.Passages.Count > 0 ? new(name, kind, text.Passages) : throw new InvalidDataException("it has no text.");
        }
        catch (InvalidDataException e)
        {
            throw new DocumentException(name, e.Message, e);
        }
        catch (Exception e) when (e is not OperationCanceledException) // a library met what its authors had not foreseen: many exceptions, one meaning
        {
            throw new DocumentException(
                name, $"it is damaged, or not what its name says ({e.Message.TrimEnd('.')}). Open it in its own program and save it again.", e);
        }
    }
}
