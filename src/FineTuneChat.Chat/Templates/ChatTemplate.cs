using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>
/// A model's chat template, the Jinja text that its GGUF file carries under <c>tokenizer.chat_template</c>: turns a conversation
/// into the prompt that the model was trained on. Can be used from several threads at once.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>ChatML, the format most models know, for models that come without a template.</summary>
    public const string ChatMl =
        """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    private const string XmlTools = "xml_tools"; // SmolLM3's name of them

    private readonly Template _template;
    private readonly Lazy<TemplateStyle> _style;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template's text.</param>
    /// <param name="limits">What one rendering may cost; <see cref="TemplateLimits.Default"/> when null.</param>
    /// <exception cref="TemplateException">The text is no template, or too long.</exception>
    public ChatTemplate(string source, TemplateLimits? limits = null) : this(new Template(source, limits)) { }

    private ChatTemplate(Template template)
    {
        _template = template;
        _style = new Lazy<TemplateStyle>(() => TemplateStyle.Find(this));
    }

    /// <summary>The template's text.</summary>
    public string Source => _template.Source;

    /// <summary>What <c>bos_token</c> stands for: the text of the vocabulary's BOS token. Undefined in the template when null, the default.</summary>
    public string? BosToken { get; init; }

    /// <summary>What <c>eos_token</c> stands for. Undefined in the template when null, the default.</summary>
    public string? EosToken { get; init; }

    /// <summary>Where <c>strftime_now</c> takes the time from. Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Something the user should know about this template, such as that the model had none; null when all is well.</summary>
    public string? Warning { get; init; }

    /// <summary>The model's other template for conversations with tools; null when it has only one.</summary>
    public ChatTemplate? ToolUse { get; init; }

    /// <summary>True when the template writes an assistant's tool calls: false means tools do not work with this model.</summary>
    public bool WritesToolCalls => _style.Value.WritesToolCalls;

    /// <summary>The model's template, or ChatML with a <see cref="Warning"/> when it has none.</summary>
    /// <param name="source">The template's text; null or white space when the model has none.</param>
    /// <param name="bosToken">See <see cref="BosToken"/>.</param>
    /// <param name="eosToken">See <see cref="EosToken"/>.</param>
    /// <param name="time">See <see cref="Time"/>; the system's clock when null.</param>
    /// <param name="toolUse">See <see cref="ToolUse"/>.</param>
    /// <exception cref="TemplateException">The text is no template, or too long.</exception>
    public static ChatTemplate OfModel(string? source, string? bosToken, string? eosToken, TimeProvider? time = null, ChatTemplate? toolUse = null) =>
        new(string.IsNullOrWhiteSpace(source) ? ChatMl : source)
        {
            BosToken = bosToken,
            EosToken = eosToken,
            Time = time ?? TimeProvider.System,
            ToolUse = toolUse,
            Warning = string.IsNullOrWhiteSpace(source)
                ? "The model file has no chat template (tokenizer.chat_template); ChatML is used. Replies may be poor or not end if the model "
                    + "was trained on another format; give the right one with --chat-template-file."
                : null,
        };

    /// <summary>Writes the prompt for a conversation.</summary>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="tools">Functions that the model may call; null or empty for none.</param>
    /// <param name="addGenerationPrompt">True ends the prompt where the assistant's reply begins.</param>
    /// <param name="variables">
    /// Further names for the template, such as <c>enable_thinking</c> (OpenAI clients send them as <c>chat_template_kwargs</c>).
    /// </param>
    /// <exception cref="TemplateException">The template refuses the conversation, fails, or passes a limit.</exception>
    public RenderedPrompt Render(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools = null,
        bool addGenerationPrompt = true,
        IReadOnlyDictionary<string, JsonElement>? variables = null) => Render(messages, tools, addGenerationPrompt, variables, _style.Value);

    /// <summary>As above; the text of the message at index <paramref name="learned"/> is marked with the origins of <see cref="ReplyOrigin"/>.</summary>
    internal RenderedPrompt Render(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools,
        bool addGenerationPrompt,
        IReadOnlyDictionary<string, JsonElement>? variables,
        TemplateStyle? style,
        int learned = -1)
    {
        if (ToolUse is not null && (tools is { Count: > 0 } || messages.Any(m => m.ToolCalls.Count > 0 || m.Role == ChatRole.Tool)))
            return ToolUse.Render(messages, tools, addGenerationPrompt, variables, style: null, learned);
        style ??= _style.Value;
        RenderedPrompt? written = null;
        TemplateException? refusal = null;
        foreach (Arrangement next in Arrangement.Of(messages, learned, style.WritesSystem))
        {
            try
            {
                RenderedPrompt prompt = RenderAsGiven(next.Messages, tools, addGenerationPrompt, variables, style, next.Learned);
                if (!next.Messages.Where((message, i) => IsLost(message, i, prompt)).Any())
                    return prompt;
                written ??= prompt;
            }
            catch (TemplateException e) when (e.Error != TemplateError.Limit) // another try would cost as much
            {
                refusal ??= e;
            }
        }
        return written ?? throw refusal!;
    }

    internal RenderedPrompt RenderAsGiven(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools,
        bool addGenerationPrompt,
        IReadOnlyDictionary<string, JsonElement>? variables,
        TemplateStyle style,
        int learned = -1) => Render(Values(messages, tools, addGenerationPrompt, variables, style, learned));

    /// <summary>Whether a template has left a system message out, as some do with all but one, or in a place that they do not expect.</summary>
    private static bool IsLost(ChatMessage message, int index, RenderedPrompt prompt) =>
        message.Role == ChatRole.System && !string.IsNullOrWhiteSpace(message.Content)
        && prompt.Runs.All(run => run.Origin != ReplyOrigin.System(index))
        && !prompt.Text.Contains(message.Content.Trim(), StringComparison.Ordinal) // where it was made part of something else, its origin is gone
        && !prompt.Text.Contains(JsonEncodedText.Encode(message.Content.Trim(), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value, StringComparison.Ordinal);

    /// <summary>The names that a template sees, as transformers sets them.</summary>
    internal Dictionary<string, Value> Values(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool>? tools,
        bool addGenerationPrompt,
        IReadOnlyDictionary<string, JsonElement>? variables,
        TemplateStyle? style = null,
        int learned = -1)
    {
        style ??= _style.Value;
        var values = new Dictionary<string, Value>();
        if (BosToken is not null)
            values["bos_token"] = Value.OfText(BosToken, Origin.Template);
        if (EosToken is not null)
            values["eos_token"] = Value.OfText(EosToken, Origin.Template);
        foreach ((string name, JsonElement value) in variables ?? new Dictionary<string, JsonElement>())
            values[name] = Value.OfJson(value, Origin.Data);
        values["messages"] = MessageValues.Of(messages, style, learned);
        bool hasTools = tools is { Count: > 0 };
        values["tools"] = hasTools || !style.AbsentToolsAreNone ? MessageValues.OfTools(tools ?? []) : Value.None;
        if (hasTools && Source.Contains(XmlTools, StringComparison.Ordinal) && !values.ContainsKey(XmlTools))
            values[XmlTools] = MessageValues.OfFunctions(tools!);
        values["add_generation_prompt"] = Value.OfBool(addGenerationPrompt);
        return values;
    }

    internal ChatTemplate WithLimits(TemplateLimits limits) =>
        new(_template.WithLimits(limits)) { BosToken = BosToken, EosToken = EosToken, Time = Time };

    internal RenderedPrompt Render(IReadOnlyDictionary<string, Value> values) => new(_template.Render(values, Time));
}
