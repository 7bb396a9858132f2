using System.Text.Json;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Native.Llama;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Encoding;

/// <summary>
/// Conversations as token ids, the one way for serving and training. Control tokens are read only where the template wrote them;
/// text of clients that looks like one stays text. Can be used from several threads at once.
/// </summary>
public sealed class ConversationEncoder
{
    private readonly ITokenizer _tokenizer;
    private readonly TextEncoder _encoder;
    private readonly ReplyFinder _replies;

    /// <summary>Encodes with a model's template and vocabulary.</summary>
    public ConversationEncoder(ChatTemplate template, Vocabulary vocabulary) : this(template, new VocabularyTokenizer(vocabulary)) { }

    internal ConversationEncoder(ChatTemplate template, ITokenizer tokenizer)
    {
        Template = template;
        _tokenizer = tokenizer;
        _encoder = new TextEncoder(tokenizer);
        _replies = new ReplyFinder(_encoder, tokenizer.IsEndOfGeneration);
    }

    /// <summary>The template that writes the prompts.</summary>
    public ChatTemplate Template { get; }

    /// <summary>The encoder of a loaded model: its own template, or ChatML with a <see cref="ChatTemplate.Warning"/>.</summary>
    /// <param name="model">The model; must live as long as the encoder is used.</param>
    /// <param name="templateSource">A template to use instead of the model's; null for the model's.</param>
    /// <param name="time">The clock that templates see; the system's when null.</param>
    /// <exception cref="TemplateException">The template cannot be read.</exception>
    public static ConversationEncoder OfModel(LlamaModel model, string? templateSource = null, TimeProvider? time = null)
    {
        Vocabulary vocabulary = model.Vocabulary;
        ChatTemplate? toolUse = templateSource is null && model.ToolUseTemplate is { } other ? Template(other) : null;
        ChatTemplate template = Template(templateSource ?? model.ChatTemplate, toolUse);
        return new ConversationEncoder(template, vocabulary);

        ChatTemplate Template(string? source, ChatTemplate? withTools = null) =>
            ChatTemplate.OfModel(source, TextOf(vocabulary.Bos), TextOf(vocabulary.Eos), time, withTools);

        string? TextOf(int? token) => token is { } id ? System.Text.Encoding.UTF8.GetString(vocabulary.SpecialPieceOf(id)) : null;
    }

    /// <summary>
    /// The ids that serving sends for a conversation. Parameters as for
    /// <see cref="ChatTemplate.Render(IReadOnlyList{ChatMessage}, IReadOnlyList{ChatTool}, bool, IReadOnlyDictionary{string, JsonElement})"/>.
    /// </summary>
    /// <exception cref="TemplateException">The template refuses the conversation, fails, or passes a limit.</exception>
    public int[] EncodePrompt(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools = null,
        bool addGenerationPrompt = true,
        IReadOnlyDictionary<string, JsonElement>? variables = null) =>
        EncodePrompt(Template.Render(messages, tools, addGenerationPrompt, variables));

    /// <summary>The ids of a prompt that has been rendered already. BOS is put before it when the model wants one and the template wrote none.</summary>
    public int[] EncodePrompt(RenderedPrompt prompt) => _encoder.EncodeInput(new MarkedText(prompt));

    /// <summary>How many tokens a text is by itself, without a template around it. What was counted before is known.</summary>
    public int CountTokens(string text) => _encoder.CountPlain(text);

    /// <summary>
    /// The rows to train on for a conversation: targets are the replies of the assistant whose <see cref="ChatMessage.Weight"/> says so,
    /// each with the token that ends its turn. The ids before each reply are exactly those that
    /// <see cref="EncodePrompt(IReadOnlyList{ChatMessage}, IReadOnlyList{ChatTool}, bool, IReadOnlyDictionary{string, JsonElement})"/>
    /// gives for it. Replies share a row as long as that holds; where a template writes earlier turns otherwise once there are later
    /// ones (leaves out their reasoning, say), a new row begins.
    /// </summary>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="tools">Functions that the model may call; null or empty for none.</param>
    /// <param name="trainReasoning">Whether the reasoning before a reply is a target too; otherwise it stands there without being one.</param>
    /// <param name="variables">Further names for the template.</param>
    /// <returns>Rows in the order of the conversation; none when no message is trained on.</returns>
    /// <exception cref="TemplateException">The template refuses the conversation, fails, or passes a limit.</exception>
    /// <exception cref="ArgumentException">A weight is not allowed.</exception>
    public IReadOnlyList<TrainingExample> EncodeConversation(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools = null,
        bool trainReasoning = false,
        IReadOnlyDictionary<string, JsonElement>? variables = null)
    {
        var rows = new List<TrainingRow>();
        foreach (int turn in TrainedTurns.Of(messages))
        {
            ReplyParts parts = FindReply(messages, turn, tools, trainReasoning, variables);
            int[] prompt = _encoder.EncodeInput(parts.Prompt);
            int[] context = _encoder.EncodeContinuation(parts.Prompt, prompt, parts.Context);
            int[] target = _encoder.EncodeContinuation(parts.Prompt.Add(parts.Context), [.. prompt, .. context], parts.Target);
            if (!parts.EndsTurn && _tokenizer.EndOfTurn is { } end)
                target = [.. target, end];

            if (rows.Count == 0 || !rows[^1].IsPrefixOf(prompt))
                rows.Add(new TrainingRow());
            rows[^1].Add(turn, prompt, context, target, parts.IsEmpty);
        }
        return [.. rows.Select(row => row.ToExample())];
    }

    private ReplyParts FindReply(
        IReadOnlyList<ChatMessage> messages, int turn, IReadOnlyList<ChatTool>? tools, bool trainReasoning, IReadOnlyDictionary<string, JsonElement>? variables)
    {
        ChatMessage[] before = [.. messages.Take(turn)];
        ChatMessage reply = ReasoningText.Separate(messages[turn]);
        var prompt = new MarkedText(Template.Render(before, tools, addGenerationPrompt: true, variables));
        var rendered = new MarkedText(Template.Render([.. before, reply], tools, addGenerationPrompt: false, variables, style: null, learned: turn));
        int start = ReplyStart.Find(rendered, prompt, () => Template.Render(before, tools, addGenerationPrompt: false, variables).Text);
        return _replies.Find(prompt, rendered, start, reply, trainReasoning);
    }
}
