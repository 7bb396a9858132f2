using System.Globalization;
using System.Text.Json;
using FineTuneChat.Datasets.Formats;

namespace FineTuneChat.Datasets.Chats;

/// <summary>What an export of a chat program says of a chat beside its messages.</summary>
/// <param name="Program">Which program exported it.</param>
/// <param name="Id">That program's id of the chat; null where it has none.</param>
/// <param name="Title">Null where it has none.</param>
/// <param name="CreatedAt">Unix seconds.</param>
/// <param name="UpdatedAt">Unix seconds.</param>
public sealed record ChatHead(string Program, string? Id, string? Title, long? CreatedAt, long? UpdatedAt)
{
    /// <summary>The program whose files need no translation.</summary>
    public const string Own = "FineTuneChat";

    private const double Milliseconds = 1e11; // larger numbers are no seconds

    /// <summary>The programs that are known.</summary>
    public static IReadOnlyList<string> Programs { get; } = [Own, "ChatGPT", "Open WebUI", "LM Studio", "Claude"];

    /// <summary>Null where it is no export of a program that is known.</summary>
    public static ChatHead? Of(JsonElement chat)
    {
        if (chat.ValueKind != JsonValueKind.Object)
            return null;
        if (chat.Object("mapping").ValueKind == JsonValueKind.Object)
            return Head("ChatGPT", chat, ["conversation_id", "id"], "title", "create_time", "update_time");
        if (chat.Object("chat").ValueKind == JsonValueKind.Object)
            return Head("Open WebUI", chat, ["id"], "title", "created_at", "updated_at");
        if (chat.Items("messages").FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.Has("versions"))
            return Head("LM Studio", chat, [], "name", "createdAt", "createdAt");
        if (chat.Items("chat_messages").Any())
            return Head("Claude", chat, ["uuid"], "name", "created_at", "updated_at");
        return chat.Has("messages") && chat.Has("other_messages") ? Head(Own, chat, ["id"], "title", "created_at", "updated_at") : null;
    }

    private static ChatHead Head(string program, JsonElement chat, string[] ids, string title, string created, string updated) => new(
        program, ids.Select(id => chat.TextOrNull(id)).FirstOrDefault(id => id is not null), chat.TextOrNull(title), Seconds(chat, created),
        Seconds(chat, updated));

    /// <summary>Programs write seconds, milliseconds or text.</summary>
    private static long? Seconds(JsonElement chat, string key)
    {
        if (chat.TextOrNull(key) is { } text)
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
                ? at.ToUnixTimeSeconds()
                : null;
        if (!chat.TryGetProperty(key, out JsonElement value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number))
            return null;
        number = Math.Abs(number) >= Milliseconds ? number / 1000 : number;
        return number is >= 0 and <= long.MaxValue / 2 ? (long)number : null;
    }
}
