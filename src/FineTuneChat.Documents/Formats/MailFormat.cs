using FineTuneChat.Documents.Reading;
using MimeKit;

namespace FineTuneChat.Documents.Formats;

/// <summary>A mail: who wrote what to whom, its text, and the attachments that hold text.</summary>
internal static class MailFormat
{
    /// <param name="bytes">All of it.</param>
    /// <param name="passages">Takes what it says.</param>
    /// <param name="levels">Of attachments that may be read.</param>
    public static string Read(ReadOnlyMemory<byte> bytes, PassageWriter passages, int levels)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        ParserOptions options = ParserOptions.Default.Clone();
        options.MaxMimeDepth = 32;
        Add(MimeMessage.Load(options, stream), passages, levels);
        return "mail";
    }

    private static void Add(MimeMessage mail, PassageWriter passages, int levels)
    {
        if (mail is { From.Count: 0, To.Count: 0, Subject: null, Body: null })
            throw new InvalidDataException("it is no mail.");
        passages.AddHeading(1, mail.Subject ?? "", Place.None);
        string date = mail.Date == default ? "" : $"{mail.Date:yyyy-MM-dd HH:mm}";
        (string Name, string Value)[] head = [("From", $"{mail.From}"), ("To", $"{mail.To}"), ("Cc", $"{mail.Cc}"), ("Date", date)];
        passages.Add(string.Join('\n', head.Where(h => h.Value.Length > 0).Select(h => $"{h.Name}: {h.Value}")), Place.None);
        if (mail.TextBody is { } plain)
            PlainFormat.Read(plain.ReplaceLineEndings("\n"), passages);
        else if (mail.HtmlBody is { } html)
            HtmlFormat.Read(html, passages);
        foreach (MimeEntity attachment in mail.Attachments)
            AddAttachment(attachment, passages, levels);
    }

    private static void AddAttachment(MimeEntity attachment, PassageWriter passages, int levels)
    {
        if (levels == 0)
            throw new InvalidDataException("its attachments have attachments that have attachments. Save them as files of their own.");
        switch (attachment)
        {
            case MessagePart { Message: { } mail }:
                Add(mail, passages, levels - 1);
                break;
            case MimePart { Content: { } content } file:
                using (var bytes = new MemoryStream())
                {
                    content.DecodeTo(bytes);
                    passages.Unpack(bytes.Length);
                    string name = Path.GetFileName(file.FileName ?? "attachment");
                    passages.Open(1, name);
                    ReadFile(bytes.ToArray(), name, passages, levels - 1);
                }
                break;
        }
    }

    /// <summary>A picture or a program in a mail is no reason to refuse the mail.</summary>
    private static void ReadFile(byte[] bytes, string name, PassageWriter passages, int levels)
    {
        if (FormatReader.HoldsText(bytes, name))
            FormatReader.Read(bytes, name, passages, levels);
    }
}
