namespace FineTuneChat.Protocol.OpenAi;

/// <summary>A chat request from its bytes: in our words, and checked. The only way in.</summary>
internal static class ChatRequestReader
{
    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public static ChatCompletionRequest Read(ReadOnlySpan<byte> body)
    {
        ChatCompletionRequest request = RequestAliases.Apply(RequestReader.Read(body, OpenAiJson.Default.ChatCompletionRequest));
        ChatCompletionValidator.Validate(request);
        return request with { Unknown = null };
    }
}
