using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Conversations without end.</summary>
/// <param name="texts">The texts that a vocabulary is learned from.</param>
/// <param name="seed">What the conversations follow from.</param>
/// <param name="conversations">In a fixed order.</param>
/// <param name="promptShare">Share of the conversations in which the user's turns are predicted, too.</param>
public sealed class ConversationCorpus(ulong seed, IEnumerable<string> texts, IEnumerable<Conversation> conversations, double promptShare) : PretrainCorpus
{
    /// <inheritdoc/>
    public override IEnumerable<string> TokenizerTexts => texts;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Identity { get; } = new Dictionary<string, string> { ["seed"] = $"{seed}" };

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Examples(LlamaModel tokenizer)
    {
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer, PretrainedFile.ChatTemplate);
        return conversations.SelectMany((conversation, i) => encoder
            .EncodeConversation(conversation.Messages, conversation.Tools)
            .Select(example => Math.Floor((i + 1) * promptShare) > Math.Floor(i * promptShare) ? Whole(example) : example));
    }

    /// <summary>The same with every token predicted, the user's too.</summary>
    private static TrainingExample Whole(TrainingExample example) => example with { Mask = [.. example.Mask.Select(_ => true)] };
}
