using ModelContextProtocol.Protocol;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>A result's parts as the one text that a model reads.</summary>
internal static class McpContent
{
    public static string Text(CallToolResult result)
    {
        string text = string.Join("\n\n", result.Content.Select(Text));
        return text.Length == 0 && result.StructuredContent is { } structured ? structured.ToString() : text;
    }

    private static string Text(ContentBlock part) => part switch
    {
        TextContentBlock text => text.Text,
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
        ResourceLinkBlock link => $"[{link.Uri}]",
        ImageContentBlock image => $"[{image.MimeType}, which cannot be shown to the model]",
        AudioContentBlock audio => $"[{audio.MimeType}, which cannot be shown to the model]",
        _ => $"[{part.Type}, which cannot be shown to the model]",
    };
}
