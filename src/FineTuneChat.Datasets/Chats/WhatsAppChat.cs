using System.Text;
using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Chats;

/// <summary>
/// A chat between people as WhatsApp exports it: what one of them wrote are the replies, what the others wrote are the questions. A pause of some hours begins
/// a new conversation.
/// </summary>
internal static partial class WhatsAppChat
{
    private const int LinesToKnow = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(6);

    /// <summary>Whether a text's first lines are such a chat's.</summary>
    public static bool IsChat(string head) => head.Split('\n').Take(LinesToKnow).Count(line => WhatsAppLine.Read(line.TrimEnd('\r')) is not null) >= 2
        || WhatsAppLine.Read(head.Split('\n')[0].TrimEnd('\r')) is not null;

    /// <summary>The conversations, each with the line on which it begins.</summary>
    /// <exception cref="DatasetQuestionException">Nobody is named whose messages are the replies, or nobody of that name writes here.</exception>
    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public static IEnumerable<(int Line, Conversation Conversation)> Read(
        Stream utf8, string? imitated, DatasetLimits limits, ReadingTime time, DatasetReport report)
    {
        List<Message> messages = [.. Messages(utf8, limits, time, report)];
        report.Speakers = [.. messages.GroupBy(m => m.Name).Select(g => new DatasetSpeaker(g.Key, g.Count())).OrderByDescending(s => s.Messages)];
        string speaker = SpeakerOf(imitated, report.Speakers);
        bool isGroup = report.Speakers.Count > 2;
        return Conversations(messages, IsDayFirst(messages), limits, report, speaker, isGroup);
    }

    private static IEnumerable<(int, Conversation)> Conversations(
        List<Message> messages, bool isDayFirst, DatasetLimits limits, DatasetReport report, string speaker, bool isGroup)
    {
        var turns = new List<ChatMessage>();
        int line = 0;
        DateTime before = default;
        foreach (Message message in messages)
        {
            DateTime at = message.At(isDayFirst);
            if (at - before > Pause || turns.Count >= limits.Messages)
            {
                if (Finished(turns, line, report) is { } finished)
                    yield return (line, finished);
                turns.Clear();
                line = message.Line;
            }
            before = at;
            ChatRole role = message.Name == speaker ? ChatRole.Assistant : ChatRole.User;
            string text = role == ChatRole.User && isGroup ? $"{message.Name}: {message.Text}" : message.Text.ToString();
            if (turns.Count == 0 && role == ChatRole.Assistant)
                report.Tell(NoticeKinds.LeftOut, $"messages of {speaker} that begin a conversation and so reply to nothing: they are left out", message.Line);
            else if (turns.Count > 0 && turns[^1].Role == role)
                turns[^1] = turns[^1] with { Content = $"{turns[^1].Content}\n{text}" };
            else
                turns.Add(new ChatMessage(role, text));
        }
        if (Finished(turns, line, report) is { } last)
            yield return (line, last);
    }

    private static Conversation? Finished(List<ChatMessage> turns, int line, DatasetReport report)
    {
        if (turns.Count > 0 && turns[^1].Role == ChatRole.User)
        {
            report.Tell(NoticeKinds.LeftOut, "conversations whose last messages have no reply: these are left out", line);
            turns.RemoveAt(turns.Count - 1);
        }
        return turns.Count > 0 ? new Conversation([.. turns]) : null;
    }

    private static IEnumerable<Message> Messages(Stream utf8, DatasetLimits limits, ReadingTime time, DatasetReport report)
    {
        using var reader = new StreamReader(utf8, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        Message? last = null;
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            time.Check();
            if (++number > limits.Rows)
                throw new InvalidDataException($"it has more than {limits.Rows:N0} lines, which is all that is allowed; split the file.");
            if (WhatsAppLine.Read(line) is not { } head)
            {
                if (last?.Text.Length + line.Length > limits.CellCharacters)
                    throw new InvalidDataException($"the message in line {last!.Line} has more than the {limits.CellCharacters:N0} characters allowed.");
                last?.Text.Append('\n').Append(WhatsAppLine.Plain(line));
                continue;
            }
            if (last is not null)
                yield return last;
            last = null;
            string text = Edited().Replace(head.Text, "");
            if (text.Length < head.Text.Length)
                report.Tell(NoticeKinds.LeftOut, "messages with WhatsApp's remark that they were edited: the remark is left out", number);
            if (head.Name is null)
                report.Tell(NoticeKinds.LeftOut, "lines of WhatsApp itself (encryption, who joined): they are left out", number);
            else if (Media().IsMatch(text))
                report.Tell(NoticeKinds.Media, "pictures, sounds, videos and stickers: they are left out", number);
            else if (Deleted().IsMatch(text) || text.Length == 0)
                report.Tell(NoticeKinds.LeftOut, "messages that were deleted, or are empty: they are left out", number);
            else
                last = new Message(number, head, head.Name, new StringBuilder(text));
        }
        if (last is not null)
            yield return last;
    }

    private static string SpeakerOf(string? given, IReadOnlyList<DatasetSpeaker> speakers)
    {
        string all = string.Join(", ", speakers.Take(20).Select(s => $"{s.Name} ({s.Messages} messages)"));
        if (speakers.Count < 2)
            throw new InvalidDataException($"it is a chat in which only {(all.Length > 0 ? all : "nobody")} writes: there is nothing to reply to.");
        string ask = $"Say with --as NAME (\"as\" in the API) whose messages are the replies to learn: {all}.";
        if (given is null)
            throw new DatasetQuestionException(DatasetQuestion.Speaker, $"It is a chat between people. {ask}");
        return speakers.FirstOrDefault(s => s.Name == given)?.Name
            ?? speakers.FirstOrDefault(s => s.Name.Equals(given, StringComparison.OrdinalIgnoreCase))?.Name
            ?? throw new DatasetQuestionException(DatasetQuestion.Speaker, $"Nobody in the chat is called {given}. {ask}");
    }

    /// <summary>Whether time goes back less often when the day stands before the month; where both will do, it does.</summary>
    private static bool IsDayFirst(List<Message> messages)
    {
        return Backwards(isDayFirst: true) <= Backwards(isDayFirst: false);

        int Backwards(bool isDayFirst) => messages.Zip(messages.Skip(1)).Count(pair => pair.First.At(isDayFirst) > pair.Second.At(isDayFirst))
            + messages.Count(m => m.At(isDayFirst) == default);
    }

    private sealed record Message(int Line, WhatsAppLine Head, string Name, StringBuilder Text)
    {
        /// <summary>The default date where there is no such day.</summary>
        public DateTime At(bool isDayFirst)
        {
            (int year, int month, int day) = Head.First > 31 ? (Head.First, Head.Second, Head.Third)
                : isDayFirst ? (Head.Third, Head.Second, Head.First) : (Head.Third, Head.First, Head.Second);
            year += year < 100 ? 2000 : 0;
            return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
                ? new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + Head.Time
                : default;
        }
    }

    // As the telephones of the languages write it that columns are known in.
    [GeneratedRegex(
        @"^<[^>]*\b(omitted|omitido|omitida|ausgeschlossen|weggelassen|omis|oculto|omesso|omessi|attached|adjunto|Anhang|anexado|allegato|joint)[^>]*>$"
        + @"|^(image|video|audio|sticker|GIF|document|imagen|imagem|foto|immagine|Bild|vídeo|contact card|tarjeta de contacto|documento) "
        + @"(omitted|omitido|omitida|weggelassen|omis|absente|oculto|omesso|omessa|ocultada)$"
        + @"|\((file attached|archivo adjunto|Datei angehängt|arquivo anexado|file allegato|fichier joint)\)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Media();

    [GeneratedRegex(
        @"^(You deleted this message|This message was deleted|Eliminaste este mensaje|Se eliminó este mensaje|Este mensaje fue eliminado"
        + @"|Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|Ce message a été supprimé|Vous avez supprimé ce message"
        + @"|Mensagem apagada|Esta mensagem foi apagada|Questo messaggio è stato eliminato|Hai eliminato questo messaggio|null)\.?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Deleted();

    [GeneratedRegex(
        @" ?<(This message was edited|Se editó este mensaje\.?|Diese Nachricht wurde bearbeitet\.?|Ce message a été modifié|Mensagem editada"
        + @"|Questo messaggio è stato modificato)>$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Edited();
}
