using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Training.Batches;

/// <summary>Conversations as token ids and weights, by the encoder that serves: what precedes a trained reply is exactly the prompt that serving would send.</summary>
public static class ExampleEncoder
{
    /// <summary>The rows to train on for a conversation: one, or several where the template writes earlier turns otherwise later on.</summary>
    /// <param name="encoder">Template and tokeniser of the model.</param>
    /// <param name="conversation">What to encode.</param>
    /// <param name="trainReasoning">Whether the reasoning before a reply is learned too.</param>
    /// <exception cref="Templates.TemplateException">The template refuses the conversation.</exception>
    public static IEnumerable<EncodedExample> Encode(ConversationEncoder encoder, Conversation conversation, bool trainReasoning = false) =>
        encoder.EncodeConversation(conversation.Messages, conversation.Tools, trainReasoning)
            .Select(row => new EncodedExample(row.Tokens, [.. row.Mask.Select(m => m ? 1f : 0f)]) { EmptyReplies = row.EmptyTurns.Count });

    /// <summary>The ids of a prompt, as serving sends it.</summary>
    /// <param name="encoder">Template and tokeniser of the model.</param>
    /// <param name="messages">The conversation up to the question.</param>
    public static int[] EncodePrompt(ConversationEncoder encoder, IReadOnlyList<ChatMessage> messages) => encoder.EncodePrompt(messages);
}
