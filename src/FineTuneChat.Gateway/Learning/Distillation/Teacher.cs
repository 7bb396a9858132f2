#pragma warning disable OPENAI001 // reasoning effort: marked as experimental by OpenAI

using System.ClientModel;
using System.ClientModel.Primitives;
using FineTuneChat.Protocol.OpenAi;
using OpenAI;
using OpenAI.Chat;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>A better model behind any OpenAI-compatible server, asked by the official client. What a busy server refuses is asked again, slower.</summary>
internal sealed class Teacher
{
    private const int MaxRetries = 4; // with growing pauses, or those that the server asks for
    private const string NoKey = "none"; // the client wants one; local servers do not look at it
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // for one reply, with the queue before it

    private readonly ChatClient _client;
    private readonly string _name;

    /// <param name="server">Up to and with <c>/v1</c>.</param>
    /// <param name="model">The model's id there.</param>
    /// <param name="key">Its API key; empty: none.</param>
    /// <param name="http">What reaches a server that is no address; null: the network.</param>
    /// <param name="role">What messages call it.</param>
    public Teacher(Uri server, string model, string key, HttpClient? http = null, string role = "teacher")
    {
        _name = http is null ? $"The {role} {model} at {server}" : $"The {role} {model}";
        var options = new OpenAIClientOptions { Endpoint = server, NetworkTimeout = Patience, RetryPolicy = new ClientRetryPolicy(MaxRetries) };
        if (http is not null)
            options.Transport = new HttpClientPipelineTransport(http);
        _client = new ChatClient(model, new ApiKeyCredential(key.Length > 0 ? key : NoKey), options);
    }

    /// <summary>Whether a model that can may think before it replies.</summary>
    public bool Thinks { get; init; } = true;

    /// <summary>The reply to a conversation that ends with the user.</summary>
    /// <param name="messages">Of roles system, user and assistant, with a text each.</param>
    /// <param name="maxTokens">The most tokens of the reply; a longer one is cut off.</param>
    /// <param name="temperature">0: the likeliest reply; null: what the server likes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="schema">Of the JSON that the reply is; null: it is a text.</param>
    /// <exception cref="TeacherException">It cannot be reached, or refuses.</exception>
    public async Task<TeacherReply> AskAsync(
        IReadOnlyList<RequestMessage> messages, int maxTokens, double? temperature, CancellationToken cancellation, string? schema = null)
    {
        try
        {
            var options = new ChatCompletionOptions
            {
                MaxOutputTokenCount = maxTokens,
                Temperature = (float?)temperature,
                ResponseFormat = schema is null ? null : ChatResponseFormat.CreateJsonSchemaFormat("reply", BinaryData.FromString(schema)),
                ReasoningEffortLevel = Thinks ? null : new("none"),
            };
            OpenAI.Chat.ChatCompletion reply = await _client.CompleteChatAsync(messages.Select(Message), options, cancellation);
            string text = string.Concat(reply.Content.Select(part => part.Text));
            bool isWhole = reply.FinishReason == ChatFinishReason.Stop && !string.IsNullOrWhiteSpace(text);
            return new TeacherReply(isWhole ? text : null, reply.Usage?.InputTokenCount ?? 0, reply.Usage?.OutputTokenCount ?? 0) { Written = text };
        }
        catch (ClientResultException e)
        {
            throw new TeacherException($"{_name} answers {e.Status}: {LastLine(e.Message)}{Advice(e.Status)}", e)
            {
                IsHopeless = e.Status is 0 or 401 or 403 or 404 or 429 or >= 500,
            };
        }
        catch (Exception e) when (e is HttpRequestException or AggregateException or IOException)
        {
            throw new TeacherException($"{_name} cannot be reached: {LastLine(e.GetBaseException().Message)}", e) { IsHopeless = true };
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TeacherException($"{_name} did not answer within {Patience.TotalMinutes} minutes.", e) { IsHopeless = true };
        }
    }

    private static OpenAI.Chat.ChatMessage Message(RequestMessage message) => message.Role switch
    {
        "system" or "developer" => new SystemChatMessage(message.Content),
        "assistant" => new AssistantChatMessage(message.Content),
        _ => new UserChatMessage(message.Content),
    };

    private static string Advice(int status) => status switch
    {
        401 or 403 => " Give its key as FINETUNECHAT__Learning__Teacher__Key.",
        404 => " See GET /v1/models there for the names of its models, and whether the address ends with /v1.",
        _ => "",
    };

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
}
