namespace FineTuneChat.Chat.Encoding;

/// <summary>A trained turn behind its prompt.</summary>
/// <param name="Prompt">What serving would send before the reply.</param>
/// <param name="Context">What stands between prompt and targets: reasoning that is not trained on.</param>
/// <param name="Target">The reply and the token that ends its turn; without that token when the template does not write one.</param>
/// <param name="EndsTurn">Whether the target has that token.</param>
/// <param name="IsEmpty">Whether nothing of the message is in the target: it has no text, or the template does not write what it has.</param>
internal sealed record ReplyParts(MarkedText Prompt, MarkedText Context, MarkedText Target, bool EndsTurn, bool IsEmpty);
