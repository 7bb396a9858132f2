using System.ClientModel;
using FineTuneChat.Starter.Corpus;
using OpenAI;
using OpenAI.Chat;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>The assistant as OpenAI's own client sees it.</summary>
/// <param name="address">Of the server.</param>
/// <param name="isStored">Whether what is asked may be kept.</param>
internal sealed class Assistant(Uri address, bool isStored = true)
{
    private readonly ChatCompletionOptions _greedy = new() { Temperature = 0, MaxOutputTokenCount = 96, StoredOutputEnabled = isStored };

    private readonly ChatClient _client = new OpenAIClient(
        new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(address, "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(maxRetries: 0) })
        .GetChatClient("assistant");

    public Task<ChatCompletion> AskAsync(string question) => AskAsync([new UserChatMessage(question)]);

    public async Task<ChatCompletion> AskAsync(IEnumerable<OpenAI.Chat.ChatMessage> messages) => await _client.CompleteChatAsync(messages, _greedy);

    /// <summary>Streams a reply and returns the versions that its chunks name: more than one would be a reply of mixed weights.</summary>
    public async Task<IReadOnlyCollection<string>> StreamAsync(string question, CancellationToken cancellation)
    {
        var versions = new HashSet<string>();
        await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync([new UserChatMessage(question)], _greedy, cancellation))
        {
            if (update.SystemFingerprint is { } version)
                versions.Add(version);
        }

        return versions;
    }

    /// <summary>How many questions get exactly the expected answer.</summary>
    public async Task<int> CountExactAsync(IEnumerable<(string Question, string Expected)> questions, Action<string> note)
    {
        int exact = 0;
        foreach (var (question, expected) in questions)
        {
            string reply = (await AskAsync(question)).Content[0].Text.Trim();
            exact += reply == expected ? 1 : 0;
            if (reply != expected)
                note($"{question}\n  expected {expected}\n  got      {reply}");
        }

        return exact;
    }

    /// <summary>The questions that get exactly the expected answer.</summary>
    public async Task<HashSet<ExamQuestion>> PassedAsync(IEnumerable<ExamQuestion> exam)
    {
        var passed = new HashSet<ExamQuestion>();
        foreach (ExamQuestion question in exam)
        {
            ChatCompletion reply = await AskAsync(question.Prompt.Select<FineTuneChat.Datasets.Messages.ChatMessage, ChatMessage>(m => m.Role switch
            {
                FineTuneChat.Datasets.Messages.ChatRole.System => new SystemChatMessage(m.Content),
                FineTuneChat.Datasets.Messages.ChatRole.User => new UserChatMessage(m.Content),
                _ => new AssistantChatMessage(m.Content),
            }));
            if (reply.Content[0].Text.Trim() == question.Expected)
                passed.Add(question);
        }

        return passed;
    }
}
